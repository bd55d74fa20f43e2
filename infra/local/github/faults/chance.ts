import type { When } from "./rule.ts";

/** Decides, for one thing after the other that a rule fits, whether it strikes. */
export function strikes({ next, every, probability, seed = 0, skip = 0 }: When): () => boolean {
  const random = randomFrom(seed);
  let seen = 0;
  return () => {
    seen += 1;
    const turn = seen - skip;
    if (turn <= 0) return false;
    if (next !== undefined) return turn <= next;
    if (every !== undefined) return turn % every === 0;
    return probability === undefined || random() < probability;
  };
}

/** Numbers from 0 to 1 that look random and are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed % 2 ** 32;
  return () => {
    state = (state + 0x6d2b79f5) % 2 ** 32;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
