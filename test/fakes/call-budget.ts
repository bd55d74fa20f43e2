import { createLocalBudget } from "../../src/adapters/redis/local-budget.ts";
import type { CallBudget } from "../../src/ports/call-budget.ts";

/** A budget of one process that closes as the real one does, and lets as much be written as a test likes. */
export function roomyBudget(): CallBudget {
  return createLocalBudget({ perMinute: 100_000, perHour: 100_000 });
}
