import type { Coverage } from "./coverage.ts";
import type { History } from "./history.ts";
import { createPlayer, rulesOf } from "./play.ts";
import type { SharedCheckouts } from "./shared-checkouts.ts";
import { createStory } from "./story.ts";
import { timer } from "./timer.ts";
import { untruths } from "./truth.ts";
import { createModelWorld, type ModelWorld } from "./world.ts";

/** More turns than any history needs to come to rest. */
const mostTurns = 30_000;
/** Longest back-off, with room for whatever is polled. */
const quietMs = 11 * 60_000;

export class UntrueHistory extends Error {
  constructor(story: readonly string[]) {
    super(`\n${story.join("\n")}\n`);
    this.name = "UntrueHistory";
  }
}

/** Plays a history, lets it come to rest and throws its story where not everything is as it should be. */
export async function checkHistory(
  history: History,
  coverage: Coverage,
  checkouts: SharedCheckouts,
  detailed = false,
): Promise<void> {
  const story = createStory();
  const world = await createModelWorld(history.seed, rulesOf(history), story, coverage, checkouts);
  const { watch, turns } = world;
  const player = createPlayer(world, story);
  const wrong: string[] = [];
  try {
    story.tell(`the operator: ${JSON.stringify(history.operator)}`);
    await player.act({
      do: "open",
      repository: 0,
      fork: false,
      permission: "write",
      content: "works",
      webhook: "arrives",
    });
    for (const step of history.steps) {
      await player.act(step.action);
      for (let turn = 0; turn < step.turns && isBusy(world); turn += 1) await turns.step();
      if (watch.violations.length > 0) break;
    }
    if (watch.violations.length === 0) {
      story.tell("quiet time: nothing fails any more");
      await player.endTrouble();
      await quietFor(world, quietMs);
      story.tell("the last sweep");
      const awake = world.workers.find(({ process }) => process.state() === "running");
      const swept = new AbortController();
      const end = (): void => swept.abort();
      void awake?.sweep().then(end, end);
      for (let turn = 0; !swept.signal.aborted && turn < mostTurns; turn += 1) await turns.step();
      await untilQuiet(world);
      wrong.push(...(await untruths(world, player.played)));
    }
  } catch (error) {
    wrong.push(error instanceof Error ? (error.stack ?? error.message) : String(error));
  }
  wrong.push(...watch.violations);
  if (wrong.length > 0)
    throw new UntrueHistory([...story.lines(detailed), ...wrong.map((each) => `  !! at rest: ${each}`)]);
}

function isBusy({ queue, commands }: ModelWorld): boolean {
  return [queue, commands].some((each) => each.pending().length > 0 || each.active().length > 0);
}

/** Lets so much time pass. What waits for the sweep goes on trying meanwhile. */
async function quietFor({ turns, clock }: ModelWorld, milliseconds: number): Promise<void> {
  const over = timer(clock, milliseconds);
  for (let turn = 0; !over() && turn < mostTurns; turn += 1) await turns.step();
}

/** Until nobody works and nothing waits for another try; and then some time, in which whoever was stopped notices it. */
async function untilQuiet(world: ModelWorld): Promise<void> {
  const { turns, clock } = world;
  for (let turn = 0; turn < mostTurns; turn += 1) {
    if (!isBusy(world)) {
      const quiet = timer(clock, quietMs);
      while (!quiet() && !isBusy(world)) await turns.step();
      if (quiet() && !isBusy(world)) return;
    }
    await turns.step();
  }
  const left = [world.queue, world.commands].flatMap((each) => [...each.pending(), ...each.active()]);
  throw new Error(`it never comes to rest: ${left.join(", ")}`);
}
