import { table } from "../local/demo/steps.ts";
import type { Machine } from "../../test/bench/machine.ts";
import type { Followed } from "./follow-command.ts";

export type CommandReport = Followed & { name: string; command: string; leftBehind: readonly string[] };

/** What a newcomer met. */
export type NewcomerReport = {
  ok: boolean;
  commit: string;
  machine: Machine;
  /** Times of an interrupted command are not among them. */
  commands: readonly CommandReport[];
  /** Debian packages that were installed meanwhile, and stay. */
  packages: readonly string[];
};

/** Whether everything went well, and nothing but Debian's packages is left. */
export function isGood(commands: readonly CommandReport[]): boolean {
  return commands.length > 0 && commands.every(({ code, leftBehind }) => code === 0 && leftBehind.length === 0);
}

/** The report as a table for a terminal, and below it what is left. */
export function printed(report: NewcomerReport): string {
  const { commands, packages, machine } = report;
  const rows = commands.map((each) => [
    each.command,
    each.code === 0 ? "ok" : `exit code ${each.code}`,
    time(each.seconds),
    time(each.firstOutputSeconds),
    time(each.firstPageSeconds),
    time(each.longestSilenceSeconds),
    each.leftBehind.length === 0 ? "nothing" : `${each.leftBehind.length}, see below`,
  ]);
  const heading = ["command", "result", "took", "first output", "first page", "longest silence", "left behind"];
  return [
    `Commit ${report.commit.slice(0, 7)}, from nothing, on ${machine.cores} cores and ${machine.memoryGiB} GiB`,
    "",
    table([heading, ...rows]),
    ...commands.flatMap(({ command, leftBehind }) => leftBehind.map((each) => `left by ${command}: ${each}`)),
    packages.length === 0 ? "No Debian package was installed." : `Debian packages installed: ${packages.join(" ")}`,
  ].join("\n");
}

function time(seconds: number | undefined): string {
  if (seconds === undefined) return "never";
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`;
}
