import { median } from "../median.ts";
import { exactly, ratioAtMost, row, type Row } from "../report.ts";
import type { Played } from "./played.ts";
import { compared, type Compared, type Ours, pushes, type Round, type Theirs } from "./round.ts";

/** The medians of all rounds as rows: times beside their peers', then builds by BuildKit's history, then the parts. */
export function rowsOf({ rounds, deaf }: Played): Row[] {
  return [...times(rounds), ...closes(rounds, deaf), ...builds(rounds), ...parts(rounds)];
}

function times(rounds: readonly Round[]): Row[] {
  const { ours, theirs } = middles(rounds);
  const toReady = (push: Compared) =>
    row(`${pushes[push].about}, push to ready`, "s", {
      ours: ours(push, ({ seconds }) => seconds),
      theirs: theirs(push, ({ seconds }) => seconds),
      goal: ratioAtMost(1.15),
    });
  const ofFullBuild = (push: Compared, most: number) =>
    row(`${pushes[push].about}, push to ready against a full build`, "s", {
      ours: ours(push, ({ seconds }) => seconds),
      theirs: theirs("all", ({ seconds }) => seconds),
      goal: ratioAtMost(most),
    });
  const imagesAlone = (push: Compared) =>
    row(`${pushes[push].about}, its images against a full build's`, "s", {
      ours: ours(push, (each) => stageSeconds(each, "build")),
      theirs: theirs("all", (each) => each.parts.build),
    });
  return [
    ...compared.map(toReady),
    ofFullBuild("one", 0.5),
    ofFullBuild("none", 0.3),
    imagesAlone("one"),
    imagesAlone("none"),
  ];
}

function closed(until: "stopped" | "gone", rounds: readonly Round[]): { ours: number; theirs: number } {
  return {
    ours: median(rounds.map(({ close }) => close.ours[until])),
    theirs: median(rounds.map(({ close }) => close.theirs[until])),
  };
}

function closes(rounds: readonly Round[], deaf: readonly Round[]): Row[] {
  const goal = ratioAtMost(0.2);
  return [
    row("close to namespace gone", "s", { ...closed("gone", rounds), goal }),
    row("close to namespace gone, one process ignores SIGTERM", "s", { ...closed("gone", deaf), goal }),
    row("close to no pod left", "s", closed("stopped", rounds)),
    row("close to no pod left, one process ignores SIGTERM", "s", closed("stopped", deaf)),
    row("close to the comment that says so", "s", { ours: median(rounds.map(({ close }) => close.ours.said)) }),
  ];
}

/** Not medians: every single round has to have built this and no more. */
function builds(rounds: readonly Round[]): Row[] {
  const expected = { first: 3, one: 1, none: 0, all: 3 } as const;
  const solves = compared.map((push) => {
    const { ours, theirs } = of(rounds, push);
    return row(`${pushes[push].about}, solves in BuildKit's history`, "solves", {
      ours: oddest(
        ours.map((each) => each.builds.solves),
        expected[push],
      ),
      theirs: median(theirs.map((each) => each.builds.solves)),
      goal: exactly(expected[push]),
    });
  });
  const { ours, theirs } = of(rounds, "first");
  const together = row("first deploy, solves at the same time", "solves", {
    ours: Math.min(...ours.map((each) => each.builds.atOnce)),
    theirs: median(theirs.map((each) => each.builds.atOnce)),
    goal: exactly(3),
  });
  return [...solves, together];
}

/** The number that is furthest from the expected one. */
function oddest(numbers: readonly number[], expected: number): number {
  return numbers.reduce((odd, each) => (Math.abs(each - expected) > Math.abs(odd - expected) ? each : odd), expected);
}

/** Where the time goes. Some parts run at the same time, so that they need not add up. */
function parts(rounds: readonly Round[]): Row[] {
  return compared.flatMap((push) => {
    const { ours, theirs } = of(rounds, push);
    const spent = <T>(part: string, sides: readonly T[], seconds: (side: T) => number) =>
      row(`${pushes[push].about}: ${part}`, "s", { ours: median(sides.map(seconds)) });
    const stages = new Set(ours.flatMap(({ parts: { stages: each } }) => each.map(({ name }) => name)));
    return [
      spent("until the attempt begins", ours, (each) => each.parts.begin),
      ...[...stages].map((name) => spent(name, ours, (each) => stageSeconds(each, name))),
      spent("until comment and URL say so", ours, (each) => each.parts.tell),
      ...scriptParts.map((name) => spent(`the script's ${name}`, theirs, (each) => each.parts[name])),
    ];
  });
}

const scriptParts = ["checkout", "namespace", "build", "helm"] as const;

function stageSeconds(deployed: Ours, stage: string): number {
  return deployed.parts.stages.find(({ name }) => name === stage)?.seconds ?? 0;
}

function of(rounds: readonly Round[], push: Compared): { ours: Ours[]; theirs: Theirs[] } {
  const played = rounds.flatMap((round) => round.pushes[push] ?? []);
  return { ours: played.map(({ ours }) => ours), theirs: played.map(({ theirs }) => theirs) };
}

function middles(rounds: readonly Round[]) {
  return {
    ours: (push: Compared, figure: (each: Ours) => number) => median(of(rounds, push).ours.map(figure)),
    theirs: (push: Compared, figure: (each: Theirs) => number) => median(of(rounds, push).theirs.map(figure)),
  };
}
