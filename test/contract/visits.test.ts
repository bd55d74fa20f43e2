import { fakeRecords } from "../fakes/records.ts";
import { fakeVisits } from "../fakes/visits.ts";
import { visitsContract } from "./visits.contract.ts";

visitsContract("in memory", async () => {
  const records = fakeRecords();
  const signal = new AbortController().signal;
  let made = 0;
  return {
    visits: fakeVisits(records),
    make: async () => {
      made += 1;
      const repository = { id: 1, nodeId: "R_1", fullName: "maintainer/shop" };
      const key = { installation: 1, repository, number: made };
      const spec = { repository, pullRequest: made, installation: 1, want: "running" } as const;
      const claimed = await records.claim(await records.ensure(key, [`${made}-shop`], spec, signal), signal);
      return await records.report(claimed, { phase: "Ready" }, signal);
    },
    read: async ({ name }) => (await records.list()).find((preview) => preview.name === name),
    dispose: async () => undefined,
  };
});
