import { createLocalBudget } from "../../src/adapters/redis/local-budget.ts";
import { callBudgetContract } from "./call-budget.contract.ts";

callBudgetContract("of one process", async (limits) => {
  let now = 0;
  const budget = createLocalBudget(limits, () => now);
  return {
    open: () => budget,
    async pass(milliseconds) {
      now += milliseconds;
    },
    dispose: async () => undefined,
  };
});
