import { fakeRecords } from "../fakes/records.ts";
import { recordsContract } from "./records.contract.ts";

recordsContract("in memory", async () => {
  const records = fakeRecords();
  return { records, deleteByHand: async (name) => records.deleteByHand(name), dispose: async () => undefined };
});
