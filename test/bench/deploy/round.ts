// One round of the benchmark: the same sequence of pushes for Greenroom and for the script, turn by turn, so that
// whatever else the machine does meets both alike.
import type { Clone } from "../../../infra/local/demo/person.ts";
import type { LabStatus } from "../../../infra/local/lab/status.ts";
import { z } from "zod";
import { scriptTimes, type Script } from "./bare.ts";
import { changeEverything, changeReadme, changeService, ignoreTermination } from "./changes.ts";
import { materialiseCompiledShop } from "./compiled-shop.ts";
import { deployed, podsEnd, type Greenroom } from "./greenroom.ts";
import { mostAtOnce, solvesOf } from "./solves.ts";

/** What can be pushed. */
export const pushes = {
  first: { about: "first deploy", change: changeEverything },
  one: { about: "one of three services changed", change: (directory: string) => changeService(directory, "web") },
  none: { about: "no image changed", change: changeReadme },
  all: { about: "all services changed", change: changeEverything },
  deaf: { about: "first deploy, one process ignores SIGTERM", change: ignoreTermination },
} as const;
export type Push = keyof typeof pushes;

/** What a round is made of whose times are compared. */
export const compared = ["first", "one", "none", "all"] as const satisfies Push[];
export type Compared = (typeof compared)[number];

const builds = z.object({ solves: z.number(), atOnce: z.number() });
const oursSchema = deployed.extend({ builds });
const theirsSchema = z.object({ seconds: z.number(), parts: scriptTimes, builds });
type Builds = z.infer<typeof builds>;
export type Ours = z.infer<typeof oursSchema>;
export type Theirs = z.infer<typeof theirsSchema>;

/** What a round measured, as it is also kept in a file. */
export const round = z.object({
  pushes: z.partialRecord(
    z.enum(["first", "one", "none", "all", "deaf"]),
    z.object({ ours: oursSchema, theirs: theirsSchema }),
  ),
  close: z.object({
    ours: z.object({ stopped: z.number(), gone: z.number(), said: z.number() }),
    theirs: z.object({ stopped: z.number(), gone: z.number() }),
  }),
});
export type Round = z.infer<typeof round>;

/** Both sides with what they work on: each has a repository of its own, so that neither can use what the other built. */
export type Sides = {
  lab: LabStatus;
  greenroom: Greenroom;
  ourClone: Clone;
  script: Script;
  theirClone: Clone;
};

export async function playRound(
  sides: Sides,
  number: number,
  which: readonly Push[],
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Round> {
  const { greenroom, script } = sides;
  const branch = `round-${number}`;
  const namespace = `${sides.theirClone.repository}-${number}`;
  const oursFirst = Math.floor(number / 2) % 2 === 0;
  const done: Round["pushes"] = {};
  let pr: Awaited<ReturnType<Greenroom["open"]>>["pr"] | undefined;

  const push = async (clone: Clone, kind: Push): Promise<string> => {
    signal.throwIfAborted();
    return await clone.push(branch, pushes[kind].about, async (directory) => {
      // A new branch begins where the last round ended; a round begins with the sample as it was.
      if (kind === which[0]) await materialiseCompiledShop(directory);
      await pushes[kind].change(directory);
    });
  };
  const deployOurs = async (kind: Push): Promise<Ours> => {
    const commit = await push(sides.ourClone, kind);
    const since = Date.now();
    let reached: Awaited<ReturnType<Greenroom["ready"]>>;
    if (pr === undefined) ({ pr, deployed: reached } = await greenroom.open(branch, commit));
    else reached = await greenroom.ready(pr, commit);
    return { ...reached, builds: await buildsOf(sides.lab, greenroom.imagesHold, since, signal) };
  };
  const deployTheirs = async (kind: Push): Promise<Theirs> => {
    const commit = await push(sides.theirClone, kind);
    const since = Date.now();
    const started = performance.now();
    const parts = await script.deploy(namespace, commit);
    const seconds = (performance.now() - started) / 1_000;
    return { seconds, parts, builds: await buildsOf(sides.lab, script.imagesHold, since, signal) };
  };

  for (const kind of which) {
    const both = await inTurn(
      oursFirst,
      () => deployOurs(kind),
      () => deployTheirs(kind),
    );
    done[kind] = both;
    say(`  ${pushes[kind].about}: ${both.ours.seconds.toFixed(1)} s, the script ${both.theirs.seconds.toFixed(1)} s`);
  }
  const opened = pr;
  if (opened === undefined) throw new Error("a round without a push");
  const close = await inTurn(
    oursFirst,
    () => greenroom.close(opened),
    async () => {
      const stopping = podsEnd(sides.lab, namespace, signal);
      const started = performance.now();
      await script.remove(namespace);
      const gone = (performance.now() - started) / 1_000;
      return { stopped: ((await stopping) - started) / 1_000, gone };
    },
  );
  say(
    `  closed: gone after ${close.ours.gone.toFixed(1)} s, kubectl delete namespace ${close.theirs.gone.toFixed(1)} s`,
  );
  return { pushes: done, close };
}

async function inTurn<A, B>(
  oursFirst: boolean,
  ours: () => Promise<A>,
  theirs: () => Promise<B>,
): Promise<{ ours: A; theirs: B }> {
  if (oursFirst) return { ours: await ours(), theirs: await theirs() };
  const second = await theirs();
  return { ours: await ours(), theirs: second };
}

async function buildsOf(lab: LabStatus, nameHolds: string, since: number, signal: AbortSignal): Promise<Builds> {
  const solves = await solvesOf(lab, nameHolds, since, signal);
  return { solves: solves.length, atOnce: mostAtOnce(solves) };
}
