import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Cluster } from "../../src/ports/cluster.ts";
import type { Leftovers } from "../../src/ports/leftovers.ts";
import type { Records } from "../../src/ports/records.ts";
import { deployerAccount, namespaceOf } from "../../src/preview/names.ts";
import { namespaceKit } from "../../src/objects/namespace-kit.ts";
import { defaultLimits } from "../../src/objects/namespace-kit.ts";
import type { Preview } from "../../src/preview/preview.ts";

export type LeftoversHarness = {
  leftovers: Leftovers;
  cluster: Cluster;
  records: Records;
  dispose(): Promise<void>;
};

const signal = AbortSignal.timeout(120_000);

/** What everything that looks for leftovers has to do. */
export function leftoversContract(title: string, start: () => Promise<LeftoversHarness>): void {
  describe(`leftovers ${title}`, () => {
    let harness: LeftoversHarness;
    const made: Preview[] = [];
    beforeAll(async () => {
      harness = await start();
    });
    afterAll(async () => {
      const { cluster, records } = harness;
      for (const preview of made) {
        await cluster.remove(namespaceOf(preview.name), preview.uid, signal);
        await records.remove(preview, signal);
      }
      await harness.dispose();
    });

    const record = async (): Promise<Preview> => {
      const number = 1_000_000 + process.pid * 10 + made.length;
      const repository = { id: 424_242, nodeId: "R_424242" };
      const preview = await harness.records.ensure(
        { installation: 7, repository, number },
        [`${number}-leftovers`],
        {
          repository: { ...repository, fullName: "maintainer/leftovers" },
          pullRequest: number,
          installation: 7,
          want: "running",
        },
        signal,
      );
      made.push(preview);
      return preview;
    };
    const prepare = async (preview: Preview): Promise<void> => {
      const gateway = { namespaces: [], cidrs: [] };
      const kit = namespaceKit(preview, {
        limits: defaultLimits,
        gateway,
        blockedCidrs: [],
        tier: "trusted",
        pullSecret: undefined,
      });
      await harness.cluster.prepare(namespaceOf(preview.name), preview.uid, kit, signal);
      const access = await harness.cluster.takeOver(namespaceOf(preview.name), deployerAccount(preview, 1), signal);
      await access.dispose();
    };
    const of = async (preview: Preview) =>
      (await harness.leftovers.list(signal)).filter(({ namespace }) => namespace === namespaceOf(preview.name));

    test("are none as long as the record lives, and then a namespace with the uid it was made for", async () => {
      const preview = await record();
      await prepare(preview);
      expect(await of(preview)).toEqual([]);
      await harness.records.remove(preview, signal);
      const namespace = namespaceOf(preview.name);
      expect(await of(preview)).toEqual([{ namespace, recordUid: preview.uid, kind: "namespace" }]);
      await harness.cluster.remove(namespace, preview.uid, signal);
      expect(await of(preview)).toEqual([]);
    });

    test("of an earlier record are leftovers though a newer record has the same name", async () => {
      const earlier = await record();
      await prepare(earlier);
      await harness.records.remove(earlier, signal);
      made.pop();
      const newer = await record();
      expect(newer.name).toBe(earlier.name);
      expect((await of(newer)).map(({ recordUid }) => recordUid)).toEqual([earlier.uid]);
      await harness.cluster.remove(namespaceOf(newer.name), earlier.uid, signal);
      expect(await of(newer)).toEqual([]);
    });
  });
}
