import type { Row } from "./report.ts";

export type BenchOptions = {
  /** How often everything is measured; the report has the medians. */
  runs: number;
  signal: AbortSignal;
  /** Tells whoever waits how far it is. */
  say: (line: string) => void;
};

/** Something that can be measured by `npm run bench -- NAME`. */
export type Bench = {
  name: string;
  about: string;
  measure(options: BenchOptions): Promise<Row[]>;
};
