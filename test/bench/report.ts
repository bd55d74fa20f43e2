import { table } from "../../infra/local/demo/steps.ts";
import type { Machine } from "./machine.ts";

/** One figure of a benchmark, beside its peer's where there is one. */
export type Row = {
  name: string;
  unit: string;
  ours: number;
  theirs: number | null;
  /** Ours by theirs. */
  ratio: number | null;
  /** What is to be reached, in words. */
  goal: string | null;
  met: boolean | null;
};

/** What `--json FILE` writes, the same for every benchmark. */
export type Report = { bench: string; machine: Machine; rows: readonly Row[] };

/** A goal, and whether a figure reaches it. */
export type Goal = { words: string; isMet: (figure: { ours: number; ratio: number | null }) => boolean };

/** Ours takes at most so many times what the peer takes. Without a peer it is not met. */
export function ratioAtMost(most: number): Goal {
  return { words: `≤ ${most} ×`, isMet: ({ ratio }) => ratio !== null && ratio <= most };
}

/** Ours is this number and no other. */
export function exactly(number: number): Goal {
  return { words: `= ${number}`, isMet: ({ ours }) => ours === number };
}

/** A row of a report. The ratio and whether the goal is met follow from the figures as measured, before any rounding. */
export function row(name: string, unit: string, figures: { ours: number; theirs?: number; goal?: Goal }): Row {
  const { ours, theirs, goal } = figures;
  const ratio = theirs === undefined || theirs === 0 ? null : ours / theirs;
  return {
    name,
    unit,
    ours,
    theirs: theirs ?? null,
    ratio,
    goal: goal?.words ?? null,
    met: goal === undefined ? null : goal.isMet({ ours, ratio }),
  };
}

/** The report as a table for a terminal. */
export function printed({ bench, machine, rows }: Report): string {
  const { cores, memoryGiB, node, kernel } = machine;
  const cells = rows.map((each) => [
    each.name,
    each.unit,
    figure(each.ours),
    each.theirs === null ? "" : figure(each.theirs),
    each.ratio === null ? "" : `${each.ratio.toFixed(2)} ×`,
    each.goal ?? "",
    each.met === null ? "" : each.met ? "met" : "missed",
  ]);
  return [
    `${bench}, on ${cores} cores, ${memoryGiB} GiB, Node ${node}, Linux ${kernel}`,
    "",
    table([["", "unit", "ours", "theirs", "ratio", "goal", ""], ...cells]),
  ].join("\n");
}

/** The report as the text of a JSON file. */
export function json(report: Report): string {
  return `${JSON.stringify(report, null, 2)}\n`;
}

/** Names of the rows whose goal was missed. */
export function missed(rows: readonly Row[]): string[] {
  return rows.filter(({ met }) => met === false).map(({ name }) => name);
}

function figure(value: number): string {
  return Number.isInteger(value) ? String(value) : value.toFixed(2);
}
