import type { Press, Presses } from "../../src/ports/presses.ts";

/** Presses in memory, for tests in which nobody handles them. */
export function fakePresses(): Pick<Presses, "add"> & { added: Press[] } {
  const added: Press[] = [];
  return {
    added,
    add: async (press) => {
      if (!added.some(({ id }) => id === press.id)) added.push(press);
      await Promise.resolve();
    },
  };
}
