import type { CallBudget, Caller, Taken, WriteLimits } from "../../ports/call-budget.ts";
import { type Clock, lowShare, longestCloseMs, spans } from "./budget-rules.ts";

type Known = {
  closedUntil: number;
  /** When it wrote, oldest first. */
  writes: number[];
};

/** The oldest caller is forgotten where there are more. */
const mostCallers = 1_000;

/** The budget as one process knows it. `now` counts milliseconds from anywhere, and never backwards. */
export function createLocalBudget(limits: WriteLimits, now: Clock = () => performance.now()): CallBudget {
  const callers = new Map<Caller, Known>();

  const knownOf = (caller: Caller): Known => {
    const known = callers.get(caller) ?? { closedUntil: Number.NEGATIVE_INFINITY, writes: [] };
    callers.delete(caller);
    callers.set(caller, known);
    const [oldest] = callers.keys();
    if (callers.size > mostCallers && oldest !== undefined) callers.delete(oldest);
    return known;
  };

  /** How long a write has to wait if only this share of each limit may be used. */
  const waitOf = (writes: readonly number[], share: number): number =>
    Math.max(
      0,
      ...spans(limits, share).map(({ most, milliseconds }) => {
        const first = writes.at(-most);
        return first === undefined ? 0 : first + milliseconds - now();
      }),
    );

  return {
    async take(caller, kind): Promise<Taken> {
      const known = knownOf(caller);
      const closed = known.closedUntil - now();
      if (closed > 0) return { refused: "closed", wait: closed };
      if (kind === "read") return "taken";
      const wait = waitOf(known.writes, 1);
      if (wait > 0) return { refused: "spent", wait };
      known.writes.push(now());
      if (known.writes.length > limits.perHour) known.writes.shift();
      return "taken";
    },
    async isLow(caller) {
      const known = knownOf(caller);
      return known.closedUntil > now() || waitOf(known.writes, lowShare) > 0;
    },
    async close(caller, milliseconds) {
      const known = knownOf(caller);
      known.closedUntil = Math.max(known.closedUntil, now() + Math.min(milliseconds, longestCloseMs));
    },
  };
}
