import { setTimeout as wait } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { inParallel } from "../../../src/in-parallel.ts";
import type { Bench } from "../bench.ts";
import { median } from "../median.ts";
import { exactly, type Goal, row } from "../report.ts";
import { maintainerOf, type StandIn, startStandIn } from "./stand-in.ts";
import { resyncWorld } from "./world.ts";

const repositories = 200;
const pullRequests = 25;
const closed = 500;
const sweeps = 20;
const mebibyte = 1024 ** 2;

const below = (most: number): Goal => ({ words: `< ${most}`, isMet: ({ ours }) => ours < most });
const seconds = (since: number): number => (performance.now() - since) / 1_000;
const never = new AbortController().signal;

/** The sweep over everything while nothing has changed, and after an outage in which much has. */
export const resyncBench: Bench = {
  name: "resync",
  about: "the sweep over 5,000 previews of 200 repositories: nothing changed, and 500 pull requests closed meanwhile",
  notes: [
    "GitHub is the strict stand-in in a process of its own, the queue is BullMQ on a Redis of its own; records, namespaces",
    "and images are the contract-tested fakes, in the measured process, so its memory is that of Greenroom and of them.",
    "Needs no lab. The stand-in checks every answer against GitHub's schemas; most of the seconds are that.",
  ],
  async measure({ signal, say }) {
    const standIn = await startStandIn();
    const world = await resyncWorld(standIn);
    try {
      say(`making ${repositories} repositories with ${pullRequests} pull requests each`);
      const names = new Map(
        (await standIn.plenty(repositories, pullRequests, "resync")).map((each) => [each.id, each.full_name]),
      );
      await standIn.calls();
      const first = performance.now();
      const found = world.installations.openPullRequests(signal, (_, error) => {
        throw error;
      });
      const everything = [];
      for await (const each of found) everything.push(each);
      for (const each of everything) await world.deployAll(each, names.get(each.repository.id) ?? "");
      say(
        `read for the first time in ${seconds(first).toFixed(1)} s: ${(await standIn.calls()).counted} counted calls`,
      );
      const total = world.namespaces();
      if (total !== repositories * pullRequests) throw new Error(`there are ${total} previews`);

      // What is remembered between sweeps, and what Node prepares for code that runs often, is there after some.
      for (let n = 1; n <= sweeps / 4; n += 1) await world.sweep();
      await standIn.calls();
      const before = settledMemory();
      const times: number[] = [];
      const sizes: number[] = [];
      const all = { calls: 0, counted: 0, unchanged: 0 };
      for (let n = 1; n <= sweeps; n += 1) {
        signal.throwIfAborted();
        const started = performance.now();
        await world.sweep();
        times.push(seconds(started));
        sizes.push(settledMemory());
        const { calls, counted, unchanged } = await standIn.calls();
        all.calls += calls;
        all.counted += counted;
        all.unchanged += unchanged;
        say(
          `sweep ${n}: ${times.at(-1)?.toFixed(1)} s, ${counted} of ${calls} calls counted, ${sizes.at(-1)?.toFixed(0)} MiB`,
        );
      }
      if (world.asked.size > 0) throw new Error(`${world.asked.size} looks were asked for, though nothing had changed`);

      const away = await afterOutage(standIn, world, [...names.values()], say);
      const growth = (sizes.at(-1) ?? 0) - before;
      return [
        row("nothing changed: calls that count", "calls", { ours: all.counted, goal: exactly(0) }),
        row("nothing changed: calls that cost nothing, each sweep", "calls", { ours: all.unchanged / times.length }),
        row("nothing changed: one sweep", "s", { ours: median(times), goal: below(30) }),
        row(`nothing changed: memory grown in ${times.length} sweeps`, "MiB", { ours: growth, goal: below(16) }),
        row("memory of the whole process", "MiB", { ours: sizes.at(-1) ?? 0 }),
        row(`${closed} closed meanwhile: all asked for`, "s", { ours: away.asked }),
        row(`${closed} closed meanwhile: all removed`, "s", { ours: away.removed }),
        row(`${closed} closed meanwhile: calls that count`, "calls", { ours: away.counted }),
      ];
    } finally {
      await world.stop();
      await standIn.stop();
    }
  },
};

/** Closes pull requests while nobody listens, and measures from Greenroom's start. */
async function afterOutage(
  standIn: StandIn,
  world: Awaited<ReturnType<typeof resyncWorld>>,
  names: readonly string[],
  say: (line: string) => void,
): Promise<{ asked: number; removed: number; counted: number }> {
  say(`closing ${closed} pull requests`);
  standIn.setDown(true);
  const maintainer = maintainerOf(standIn);
  const chosen = Array.from({ length: closed }, (_, n) => ({
    name: names[n % names.length] ?? "",
    number: 1 + Math.floor(n / names.length),
  }));
  const closing = inParallel(chosen, 4, async ({ name, number }) => {
    const [owner = "", repo = ""] = name.split("/");
    await maintainer.rest.pulls.update({ owner, repo, pull_number: number, state: "closed" });
  });
  for await (const _ of closing);
  await standIn.calls();
  standIn.setDown(false);
  const left = repositories * pullRequests - closed;
  const started = performance.now();
  const stop = await world.work();
  try {
    const sweeping = world.sweep();
    let asked: number | undefined;
    while (world.namespaces() > left) {
      if (world.asked.size >= closed) asked ??= seconds(started);
      await wait(200, undefined, { signal: AbortSignal.any([never, AbortSignal.timeout(600_000)]) });
    }
    const removed = seconds(started);
    await sweeping;
    say(`all asked for after ${asked?.toFixed(1)} s, all removed after ${removed.toFixed(1)} s`);
    if (world.asked.size !== closed) throw new Error(`${world.asked.size} looks were asked for instead of ${closed}`);
    return { asked: asked ?? removed, removed, counted: (await standIn.calls()).counted };
  } finally {
    await stop();
  }
}

/** Resident memory in MiB once everything that is no longer needed is gone. */
function settledMemory(): number {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect === "function") collect();
  return process.memoryUsage().rss / mebibyte;
}
