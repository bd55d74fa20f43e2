import { expect, test } from "vitest";
import { objectsToRollBack } from "../../../src/objects/roll-back.ts";

const job = (name: string, hook?: string) => ({
  file: "revision 3",
  object: {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name, annotations: { "helm.sh/weight": "1", ...(hook !== undefined && { "helm.sh/hook": hook }) } },
  },
});

test("only rollback hooks run, as those of the upgrade that it is", () => {
  const stored = [
    job("plain"),
    job("migrate", "pre-install,pre-upgrade"),
    job("smoke", "test"),
    job("undo", "pre-rollback, post-delete"),
    job("both", "post-upgrade,post-rollback"),
  ];
  expect(objectsToRollBack(stored)).toEqual([job("plain"), job("undo", "pre-upgrade"), job("both", "post-upgrade")]);
});
