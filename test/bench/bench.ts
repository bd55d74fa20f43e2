import type { Row } from "./report.ts";

export type BenchOptions = {
  /** How often everything is measured; the report has the medians. */
  runs: number;
  /** A file that keeps what was measured, where it goes on after an interruption; nothing is kept without it. */
  keep?: string;
  signal: AbortSignal;
  /** Tells whoever waits how far it is. */
  say: (line: string) => void;
};

/** Something that can be measured by `npm run bench -- NAME`. */
export type Bench = {
  name: string;
  about: string;
  /** What whoever reads the figures has to know about them. */
  notes: readonly string[];
  measure(options: BenchOptions): Promise<Row[]>;
};
