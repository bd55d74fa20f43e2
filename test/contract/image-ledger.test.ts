import { fakeImageLedger } from "../fakes/image-ledger.ts";
import { imageLedgerContract } from "./image-ledger.contract.ts";

imageLedgerContract("in memory", async () => {
  let id = 0;
  return { ledger: fakeImageLedger(), repositoryId: () => (id += 1), close: async () => undefined };
});
