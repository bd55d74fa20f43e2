import type { SpecChanges } from "../preview/spec-changes.ts";
import { refusal } from "../policy/may.ts";
import { trust } from "../policy/trust.ts";
import { wishesOf } from "../policy/wishes.ts";
import type { Press } from "../ports/presses.ts";
import { SupersededError } from "../ports/records.ts";
import { keyString } from "../preview/key.ts";
import { recordNames } from "../preview/names.ts";
import type { Preview } from "../preview/preview.ts";
import { isFork, type PullRequest } from "../preview/pull-request.ts";
import type { ObeyWorld } from "./obey.ts";
import { newSpec } from "./open-record.ts";
import { isWanted } from "./wanted.ts";

/** As many presses as a record remembers: GitHub redelivers nothing that is older than a few days. */
const mostRemembered = 20;

/**
 * Does what a button of a check run asks for, if whoever pressed it may ask for that now, and the check is of the head:
 * what was pushed since is not what they have seen. The record remembers the press together with what came of it, so
 * that it is done once, however often it is delivered and wherever this is stopped.
 */
export async function press(world: ObeyWorld, pressed: Press, signal: AbortSignal): Promise<void> {
  const { key, id, commit } = pressed;
  const found = await world.records.find(key, signal);
  const pr = await world.pullRequests.read(key, found?.status.comment, signal);
  if (pr === "gone" || pr.state === "closed") return say(world, pressed, "the pull request is closed");
  if (pr.head.sha !== commit) return say(world, pressed, "a newer commit has taken its place");
  const names = recordNames(pr.repository, pr.key.repository.id, pr.number);
  const record = found ?? (await world.records.ensure(key, names, newSpec(pr), signal));
  const known = record.spec.presses ?? [];
  if (!known.includes(id)) {
    const wishes = await wishesOfPress(world, pr, record, pressed, signal);
    if ("refused" in wishes) return say(world, pressed, wishes.refused);
    try {
      await world.records.amend(record, { ...wishes, presses: [...known, id].slice(-mostRemembered) }, signal);
    } catch (error) {
      if (!(error instanceof SupersededError)) throw error;
      // The record went meanwhile, and another one may follow: that one is told.
      return await press(world, pressed, signal);
    }
    say(world, pressed, undefined);
  }
  await world.queue.enqueue(key, "change");
}

/** GitHub has no place for an answer to whoever pressed a button, so the log has it. */
function say({ log }: ObeyWorld, { key, id, button, login }: Press, refused: string | undefined): void {
  const fields = { preview: keyString(key), delivery: id, button, login };
  if (refused === undefined) log.info(fields, "obeyed a button");
  else log.info({ ...fields, because: refused }, "a button was pressed for nothing");
}

async function wishesOfPress(
  world: ObeyWorld,
  pr: PullRequest,
  record: Preview,
  { id, button, login, commit }: Press,
  signal: AbortSignal,
): Promise<SpecChanges | { refused: string }> {
  const permission = await world.conversation.permission(pr, login, signal);
  const isAuthor = login.toLowerCase() === pr.author.login.toLowerCase() && !pr.author.bot;
  const mayRun = trust(pr, record.spec.approvedCommit).trusted;
  const refused = refusal(button, { login, permission, isAuthor }, { mayRun, fork: isFork(pr) });
  if (refused !== undefined) return { refused: refused.reason };
  if (button !== "rebuild") {
    const verdict = await isWanted(world, pr, { spec: { ...record.spec, requested: true } }, signal);
    if (!verdict.wanted && !verdict.onRequest) return { refused: verdict.reason };
  }
  const now = world.clock.now();
  if (button === "approve") {
    if (mayRun) return { refused: "it may run already" };
    return { approvedCommit: commit, requested: true, calledAt: now.toISOString() };
  }
  const command = button === "deploy" ? { name: button } : { name: button, images: [], data: false };
  const wishes = wishesOf(command, record, `press ${id}`, {
    lifetime: world.rules.lifetime,
    now,
    head: pr.head.sha,
  });
  return "impossible" in wishes ? { refused: wishes.impossible } : wishes;
}
