import { inParallel } from "../../in-parallel.ts";
import type { OpenPullRequests, Unread } from "../../ports/installations.ts";
import { failureOf } from "../../preview/failure.ts";
import { keyString } from "../../preview/key.ts";
import { compare, type Compared } from "./compare.ts";
import type { SweepMemory } from "./memory.ts";
import type { SweepWorld } from "./sweep.ts";

const atOnce = 20;

/** Compares GitHub's open pull requests with the records and asks for a look at each that needs one. */
export async function askForLooks(
  world: SweepWorld,
  memory: SweepMemory,
  { open, unread }: Read,
  signal: AbortSignal,
): Promise<void> {
  const looks = compare({
    open,
    unread,
    records: await world.records.list(),
    now: world.clock.now(),
    lifetime: world.rules.lifetime,
    limits: world.rules.limits,
    looked: memory.looked,
    turn: memory.turn,
  });
  const asking = inParallel(looks, atOnce, async ({ key, looked }) => {
    signal.throwIfAborted();
    await world.queue.enqueue(key, "check");
    if (looked !== undefined) memory.looked.set(keyString(key), looked);
  });
  let asked = 0;
  for await (const _ of asking) asked += 1;
  if (unread !== "everything" && unread.length === 0) forgetGone(memory, open);
  const reasons = [...Map.groupBy(looks, (look) => look.because)].map(([because, of]) => `${of.length}: ${because}`);
  const level = asked === 0 ? "debug" : "info";
  world.log[level](
    { repositories: open.length, asked, reasons: reasons.join("; ") },
    "compared GitHub with the records",
  );
}

/** What GitHub shows now, as far as it can be read. */
type Read = Pick<Compared, "unread"> & { open: OpenPullRequests[] };

export async function readGitHub(world: SweepWorld, signal: AbortSignal): Promise<Read> {
  const open: OpenPullRequests[] = [];
  const unread: Unread[] = [];
  const onTrouble = (what: Unread, error: unknown) => {
    unread.push(what);
    world.log.warn({ ...what, code: failureOf(error).code }, `not compared: ${failureOf(error).what}`);
  };
  try {
    for await (const each of world.installations.openPullRequests(signal, onTrouble)) open.push(each);
    return { open, unread };
  } catch (error) {
    signal.throwIfAborted();
    const { code, what } = failureOf(error);
    world.log.warn({ code }, `the app's installations cannot be listed: ${what}`);
    // What was read is true all the same; the rest is only out of sight.
    return { open, unread: "everything" };
  }
}

function forgetGone(memory: SweepMemory, open: readonly OpenPullRequests[]): void {
  const names = new Set(
    open.flatMap(({ installation, repository, pullRequests }) =>
      pullRequests.map(({ number }) => keyString({ installation, repository, number })),
    ),
  );
  for (const name of memory.looked.keys()) if (!names.has(name)) memory.looked.delete(name);
  const repositories = new Set(open.map(({ repository }) => repository.id));
  for (const id of memory.heard.keys()) if (!repositories.has(id)) memory.heard.delete(id);
}
