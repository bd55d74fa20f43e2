import { availableParallelism, release, totalmem } from "node:os";

/** What the figures of a report were measured on. */
export type Machine = { cores: number; memoryGiB: number; node: string; kernel: string };

export function machine(): Machine {
  return {
    cores: availableParallelism(),
    memoryGiB: Math.round((totalmem() / 1024 ** 3) * 10) / 10,
    node: process.version,
    kernel: release(),
  };
}
