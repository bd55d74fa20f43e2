export type Step = { name: string; seconds: number; detail: string };

/** Runs the demo's steps one after another, prints each with its time, and remembers them for the closing table. */
export type Steps = {
  readonly done: readonly Step[];
  run<T>(name: string, work: () => Promise<{ value: T; detail?: string }>): Promise<T>;
};

export function printSteps(): Steps {
  const done: Step[] = [];
  return {
    done,
    async run(name, work) {
      process.stdout.write(`▶ ${name}\n`);
      const started = performance.now();
      const { value, detail = "" } = await work();
      const seconds = (performance.now() - started) / 1_000;
      done.push({ name, seconds, detail });
      process.stdout.write(`✓ ${name} (${seconds.toFixed(1)} s)${detail === "" ? "" : ` — ${detail}`}\n`);
      return value;
    },
  };
}

/** A table for a terminal; the widest cell makes the column. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
