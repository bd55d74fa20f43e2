import { beforeAll, describe, expect, test } from "vitest";
import { namespaceOf } from "../../../src/preview/names.ts";
import { helmProcess } from "../../integration/arrange-releases.ts";
import type { Actor, Ground } from "./ground.ts";
import { deployedCommit, problemsOfRelease } from "./helm.ts";
import { hookRuns } from "./holds.ts";
import type { Timing } from "./timings.ts";

/** Helm is stopped or killed in the middle of an upgrade's hook. */
export function helmCases(ground: () => Ground, timings: Timing[]): void {
  describe("Helm, in the middle of a hook", () => {
    let actor: Actor;
    let undisturbed: number;

    beforeAll(async () => {
      await ground().crew(1);
      const opened = await ground().open("hooked");
      actor = opened;
      await ground().ready(actor, opened);
      const push = await ground().push(actor);
      undisturbed = await ground().ready(actor, push);
    });

    test("killed: the same commit is deployed by the next try", async () => {
      const push = await ground().push(actor, { hook: `${ground().gate.url}/killed` });
      const name = await hookRuns(ground(), actor, push);
      process.kill(await helmProcess(namespaceOf(name)), "SIGKILL");
      const at = performance.now();
      ground().gate.open("killed");
      const disturbed = await ground().ready(actor, { commit: push.commit, at });
      timings.push({ fault: "helm killed in a hook", undisturbed, disturbed });
      expect(await problemsOfRelease(ground(), actor)).toEqual([]);
    });

    test("stopped together with its worker: what a newer worker deployed meanwhile stays", async () => {
      const older = await ground().push(actor, { hook: `${ground().gate.url}/stopped` });
      const name = await hookRuns(ground(), actor, older);
      const [paused] = await ground().crew(1);
      if (paused === undefined) throw new Error("there is no worker");
      const helm = await helmProcess(namespaceOf(name));
      paused.signal("SIGSTOP");
      process.kill(helm, "SIGSTOP");
      const next = await ground().start();
      const newer = await ground().push(actor);
      const disturbed = await ground().ready(actor, newer);
      timings.push({ fault: "helm and worker stopped, then a push", undisturbed, disturbed });

      ground().gate.open("stopped");
      const at = performance.now();
      process.kill(helm, "SIGCONT");
      paused.signal("SIGCONT");
      // Whoever was overtaken asks for one more look when it has come to its end.
      await Promise.any([next.takes(actor.key, 30, at), paused.takes(actor.key, 30, at)]);
      await ground().ready(actor, newer);
      expect(await problemsOfRelease(ground(), actor)).toEqual([]);
      expect(await deployedCommit(ground(), name)).toBe(newer.commit);
      await ground().dismiss(paused, "SIGKILL");
    });
  });
}
