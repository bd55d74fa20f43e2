import type { Visits } from "../../src/ports/visits.ts";
import type { FakeRecords } from "./records.ts";

export type FakeVisits = Visits & {
  /** What was asked to be written, in this order. */
  asked: { name: string; at: string }[];
  /** While set, nothing is written, and whoever tries hears this. */
  failure: Error | undefined;
};

/** Last visits in memory, written into the records where there are any. */
export function fakeVisits(records?: Pick<FakeRecords, "visit">): FakeVisits {
  const fake: FakeVisits = {
    asked: [],
    failure: undefined,
    async record(preview, at, signal) {
      signal.throwIfAborted();
      if (fake.failure !== undefined) throw fake.failure;
      fake.asked.push({ name: preview.name, at: at.toISOString() });
      records?.visit(preview, at);
    },
  };
  return fake;
}
