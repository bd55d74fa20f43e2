import { existsSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { pictureOf, shownStates } from "../../../infra/docs/comments.ts";
import { phases } from "../../../src/preview/preview.ts";
import { stateOf } from "../../../src/report/words.ts";
import { allStates } from "../report/all-states.ts";

const docs = join(import.meta.dirname, "../../../docs");

test("every phase is shown with an agreed text and its picture", () => {
  const shown = shownStates.map(({ name }) => allStates[name]).filter((state) => state !== undefined);
  expect(shown).toHaveLength(shownStates.length);
  expect(new Set(shown.map(stateOf))).toEqual(new Set([...phases, "Removed"]));
  for (const state of shownStates) expect(existsSync(join(docs, pictureOf(state)))).toBe(true);
});
