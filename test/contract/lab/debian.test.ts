import { expect, test } from "vitest";
import { estimate, missingPackages } from "../../../infra/local/supply/debian.ts";

const { signal } = new AbortController();

/** Small, without dependencies and hardly ever installed: what apt would install without a question. */
const harmless = ["hello", "sl", "cowsay"];

test("asking apt what an installation would take installs nothing", async () => {
  const missing = await missingPackages(harmless, signal);
  for (const name of missing) await estimate([name], signal);
  expect(await missingPackages(harmless, signal)).toEqual(missing);
});
