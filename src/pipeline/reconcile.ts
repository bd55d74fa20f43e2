import { anyRoom, capacityOf, isInLine, limitsPreviews, needsNothing, needsOf } from "../policy/capacity.ts";
import { traitsOf } from "../policy/traits.ts";
import { decide, type Intent, wasVisitedAsleep } from "../preview/decide.ts";
import { keyString, type PreviewKey } from "../preview/key.ts";
import { namespaceOf } from "../preview/names.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { SupersededError } from "../ports/records.ts";
import { checkHealth, tell } from "./check-health.ts";
import { deploy } from "./deploy.ts";
import { rememberOwn } from "./ended.ts";
import { hold } from "./hold.ts";
import { wait } from "./place.ts";
import { isPublished } from "./publish.ts";
import { remove } from "./remove.ts";
import { sleep } from "./sleep.ts";
import { tellGone } from "./tell-gone.ts";
import { wake } from "./wake.ts";
import { isWanted } from "./wanted.ts";
import type { World } from "./world.ts";

/**
 * Looks at one pull request and its record, decides, and does it. May run any number of times, be stopped anywhere and
 * come late: it starts from what is there. Rejects only with a transient failure, which the queue tries again.
 */
export async function reconcile(
  outer: World,
  key: PreviewKey,
  signal: AbortSignal,
  /** Told which commit is worked on, so that news of another one can stop this. */
  onCommit: (commit: string) => void,
): Promise<void> {
  const records = rememberOwn(outer);
  const world = { ...outer, records };
  try {
    const read = await world.records.find(key, signal);
    const pr = await world.pullRequests.read(key, read?.status.comment, signal);
    const found = read === undefined || pr === "gone" ? read : await refresh(world, pr, read, signal);
    const intent = await decideWithCount(world, key, pr, found, signal);
    world.log.info({ preview: keyString(key), intent: intent.do, record: found?.name }, "decided");
    await act(world, key, pr, found, intent, onCommit, signal);
    if (intent.do !== "remove") await noteTraits(world, pr, found, signal);
  } catch (error) {
    // Whoever took over finishes the work; an aborted signal means that a newer look is already waiting.
    if (!(error instanceof SupersededError) && !signal.aborted) throw error;
    // What this one has said on GitHub meanwhile may stand there in the place of newer words.
    await world.queue.enqueue(key, "check");
  } finally {
    await records.end();
  }
}

async function act(
  world: World,
  key: PreviewKey,
  pr: PullRequest | "gone",
  found: Preview | undefined,
  intent: Intent,
  onCommit: (commit: string) => void,
  signal: AbortSignal,
): Promise<void> {
  switch (intent.do) {
    case "nothing":
      if (pr === "gone") return;
      if (found === undefined) return await tellGone(world, pr, signal);
      // A worker that was stopped while this was taken away may have made it once more.
      if (found.status.namespace === undefined) {
        await world.cluster.remove(namespaceOf(found.name), found.uid, signal);
      }
      if (!isPublished(world, pr, found)) await tell(world, pr, found, signal);
      return;
    case "tell":
      return await tell(world, here(pr), there(found), signal);
    case "remove":
      if (found !== undefined) await remove(world, key, pr, found, intent.because, signal);
      if (intent.reopen) await world.queue.enqueue(key, "change");
      return;
    case "hold":
      return await hold(world, here(pr), found, intent, signal);
    case "wait":
      return await wait(world, here(pr), found, intent.line, signal);
    case "sleep":
      return await sleep(world, here(pr), found, intent.because, signal);
    case "deploy":
      onCommit(intent.commit);
      return await deploy(world, here(pr), found, intent.tier, signal);
    case "wake":
    case "check-health": {
      if (intent.do === "wake") onCommit(intent.commit);
      const look = intent.do === "wake" ? wake : checkHealth;
      const looked = await look(world, here(pr), there(found), signal);
      if (looked === "told") return;
      world.log.warn({ preview: found?.name }, "its objects were taken away by someone else; it is deployed anew");
      onCommit(intent.commit);
      return await deploy(world, here(pr), looked.missing, intent.tier, signal);
    }
  }
}

/** Remembers for which draft state, labels and base branch this look was, once all of it is done. */
async function noteTraits(
  world: World,
  pr: PullRequest | "gone",
  found: Preview | undefined,
  signal: AbortSignal,
): Promise<void> {
  if (pr === "gone" || pr.state === "closed" || found === undefined) return;
  const traits = traitsOf(pr);
  if (found.spec.traits !== traits) await world.records.amend(found, { traits }, signal);
}

/** Decides, and counts all records first where the decision hangs on them. */
async function decideWithCount(
  world: World,
  key: PreviewKey,
  pr: PullRequest | "gone",
  found: Preview | undefined,
  signal: AbortSignal,
): Promise<Intent> {
  const { limits, lifetime } = world.rules;
  const isOpen = pr !== "gone" && pr.state === "open";
  const wanted = isOpen ? await isWanted(world, pr, found, signal) : ({ wanted: true } as const);
  const policy = { lifetime, wanted };
  const now = world.clock.now();
  const intent = decide(pr, found, policy, anyRoom, now);
  // Whoever is in line is counted before it claims a place; all others claim one first, which is then counted.
  const isCalled = found !== undefined && isInLine(found) && (intent.do === "deploy" || intent.do === "wake");
  const isLeftRunning = intent.do === "check-health" || found?.status.phase === "Failed";
  const mayGiveRoom = isLeftRunning && limits.makeRoom !== false && limitsPreviews(limits);
  if (!isCalled && !mayGiveRoom) return intent;
  const needs = isCalled ? needsOf(found, intent.do === "wake") : needsNothing;
  const counting = (records: readonly Preview[]): Intent =>
    decide(pr, found, policy, capacityOf(records, limits, { key, needs }, now), now);
  const seen = counting(await world.records.listCaughtUp(signal));
  // Nobody waits, or goes to sleep, for what may have been so some moments ago.
  return seen.do === intent.do ? seen : counting(await world.records.listFresh(signal));
}

/** The record with what GitHub calls its repository now, and with what people ask for by visiting what sleeps. */
async function refresh(world: World, pr: PullRequest, preview: Preview, signal: AbortSignal): Promise<Preview> {
  const { repository, installation, want, pinned } = preview.spec;
  const now = { ...pr.key.repository, fullName: `${pr.owner}/${pr.repository}` };
  const renamed = repository.fullName !== now.fullName || repository.nodeId !== now.nodeId;
  const changes = {
    ...(renamed && { repository: now }),
    ...(installation !== pr.key.installation && { installation: pr.key.installation }),
    ...(want === "asleep" && wasVisitedAsleep(preview.status) && { want: "running" as const }),
    // Taken off and not only ignored: a push of the former commit is a push too.
    ...(pinned !== undefined && pinned.head !== pr.head.sha && { pinned: undefined }),
  };
  return Object.keys(changes).length === 0 ? preview : await world.records.amend(preview, changes, signal);
}

/** Narrows after a decision that is only made for a pull request that exists. */
function here(pr: PullRequest | "gone"): PullRequest {
  if (pr === "gone") throw new Error("decided to work on a pull request that is gone");
  return pr;
}

function there(preview: Preview | undefined): Preview {
  if (preview === undefined) throw new Error("decided to work on a preview that does not exist");
  return preview;
}
