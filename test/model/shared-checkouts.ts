import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Checkout } from "../../src/ports/checkouts.ts";
import type { TestFiles } from "../contract/git-server.ts";
import { createFakeCheckouts, type FakeCheckouts } from "../fakes/checkouts.ts";

/**
 * Checkouts that are read only, so that all commits of the same files share one, in all histories; and the folder for
 * what workers that crash leave behind.
 */
export type SharedCheckouts = {
  folder: string;
  fakes: FakeCheckouts;
  of(commit: string, files: TestFiles): Promise<Checkout>;
  close(): void;
};

const never = new AbortController().signal;
const anyRepository = 1;

export function createSharedCheckouts(): SharedCheckouts {
  const fakes = createFakeCheckouts();
  const folder = mkdtempSync(join(tmpdir(), "greenroom-model-"));
  const access = { url: "", username: "", password: "" };
  const laidOut = new Map<string, Promise<Checkout>>();
  return {
    folder,
    fakes,
    async of(commit, files) {
      const id = fakes.commit(anyRepository, files);
      const checkout = laidOut.get(id) ?? fakes.fetch(anyRepository, access, id, never);
      laidOut.set(id, checkout);
      return { ...(await checkout), commit, dispose: () => Promise.resolve() };
    },
    close() {
      fakes.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
