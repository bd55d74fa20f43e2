import type { Command } from "../policy/command-grammar.ts";
import { refusal } from "../policy/may.ts";
import { type ParsedComment, parseComment } from "../policy/slash-command.ts";
import { isFork } from "../preview/pull-request.ts";
import { trust } from "../policy/trust.ts";
import { wishesOf } from "../policy/wishes.ts";
import type { Conversation, Said } from "../ports/conversation.ts";
import type { Queue } from "../ports/queue.ts";
import { SupersededError } from "../ports/records.ts";
import type { PreviewKey } from "../preview/key.ts";
import { recordNames } from "../preview/names.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import type { SpecChanges } from "../preview/spec-changes.ts";
import { helpAnswer, impossibleAnswer, mistakeAnswer, refusalAnswer } from "../report/answers.ts";
import { approvalOf } from "./approval.ts";
import { newSpec } from "./open-record.ts";
import { logs, status } from "./show.ts";
import { isUnanswered, isUndone, unreadSince } from "./undone.ts";
import { policyRefusal } from "./wanted.ts";
import type { World } from "./world.ts";

/** What obeying needs of the world. */
export type ObeyWorld = Pick<World, "pullRequests" | "records" | "cluster" | "clock" | "log" | "rules"> & {
  conversation: Conversation;
  queue: Pick<Queue, "enqueue" | "announce">;
};

/** What comes of a comment: what the record has to say, what is answered, and what is shown beside it. */
type Outcome = { wishes: SpecChanges; words: string[]; done: "rocket" | "confused" };

/**
 * Does what the comments of a pull request ask for, oldest first. The record is changed once for each comment, together
 * with the comment's id, and everything else may be done twice: so each is done exactly once, wherever this is stopped.
 */
export async function obey(world: ObeyWorld, key: PreviewKey, signal: AbortSignal): Promise<void> {
  const { conversation, records } = world;
  const found = await records.find(key, signal);
  const pr = await world.pullRequests.read(key, found?.status.comment, signal);
  if (pr === "gone") return;
  const last = pr.state === "open" ? found?.spec.lastComment : undefined;
  const now = world.clock.now();
  const said = await conversation.since(pr, unreadSince(last, now), signal);

  const interrupted = said.find((each) => isUnanswered(each, last));
  if (interrupted !== undefined && last !== undefined) await sayDone(world, pr, last, signal);
  for (const comment of said.filter((each) => isUndone(each, last, now))) {
    const parsed = parseComment(comment.body);
    if (parsed.for === "somebody else") continue;
    await conversation.react(pr, comment.id, "eyes", signal);
    if (pr.state === "closed") await sayClosed(world, pr, comment, signal);
    else await obeyOne(world, pr, comment, parsed, signal);
  }
}

/** What follows once the record has what a comment asks for. */
async function sayDone(
  world: ObeyWorld,
  pr: PullRequest,
  { id, done }: NonNullable<Preview["spec"]["lastComment"]>,
  signal: AbortSignal,
): Promise<void> {
  await world.queue.enqueue(pr.key, "change");
  await world.conversation.react(pr, id, done, signal);
}

async function sayClosed(world: ObeyWorld, pr: PullRequest, comment: Said, signal: AbortSignal): Promise<void> {
  const words = "Nothing was done: this pull request is closed. A preview comes back with it when it is opened again.";
  await world.conversation.answer(pr, comment, words, signal);
  await world.conversation.react(pr, comment.id, "confused", signal);
}

async function obeyOne(
  world: ObeyWorld,
  pr: PullRequest,
  comment: Said,
  parsed: Extract<ParsedComment, { for: "us" }>,
  signal: AbortSignal,
): Promise<void> {
  const { conversation, records } = world;
  const names = recordNames(pr.repository, pr.key.repository.id, pr.number);
  const record = await records.ensure(pr.key, names, newSpec(pr), signal);
  const last = record.spec.lastComment;
  // Somebody who had been stopped, or took this over, was faster; and may have been stopped again before saying so.
  if (last?.id === comment.id) return await sayDone(world, pr, last, signal);
  if (last !== undefined && last.id > comment.id) return;
  const { wishes, words, done } =
    "mistake" in parsed
      ? { wishes: {}, words: [mistakeAnswer(parsed.mistake)], done: "confused" as const }
      : await outcomeOf(world, pr, record, comment, parsed.commands, signal);
  if (words.length > 0) await conversation.answer(pr, comment, words.join("\n\n"), signal);
  const lastComment = { id: comment.id, createdAt: comment.createdAt.toISOString(), done };
  try {
    await records.amend(record, { ...wishes, lastComment }, signal);
  } catch (error) {
    if (!(error instanceof SupersededError)) throw error;
    // The record went meanwhile, and another one may follow: that one is told. Or somebody else has just done this.
    return await obeyOne(world, pr, comment, parsed, signal);
  }
  if (Object.keys(wishes).length > 0) {
    world.log.info({ preview: record.name, comment: comment.id, wishes: Object.keys(wishes).join() }, "obeyed");
    const { want } = wishes;
    if (want === "stopped" || want === "asleep") {
      await world.queue.announce({ key: pr.key, head: undefined, closed: true });
    }
    await world.queue.enqueue(pr.key, "change");
  }
  await conversation.react(pr, comment.id, done, signal);
}

/** What the commands of one comment come to, in their order; one that may not be done, and none is. */
async function outcomeOf(
  world: ObeyWorld,
  pr: PullRequest,
  record: Preview,
  comment: Said,
  commands: readonly Command[],
  signal: AbortSignal,
): Promise<Outcome> {
  const login = comment.author ?? "";
  const permission = await world.conversation.permission(pr, login, signal);
  const isAuthor = login.toLowerCase() === pr.author.login.toLowerCase() && !pr.author.bot;
  let preview = record;
  let wishes: SpecChanges = {};
  const words: string[] = [];
  const { lifetime } = world.rules;
  for (const [index, command] of commands.entries()) {
    const mayRun = trust(pr, preview.spec.approvedCommit).trusted;
    const refused = refusal(command.name, { login, permission, isAuthor }, { mayRun, fork: isFork(pr) });
    if (refused !== undefined) return { wishes: {}, words: [refusalAnswer(refused)], done: "confused" };
    const now = world.clock.now();
    const unwanted = await policyRefusal(world, pr, preview, command.name, signal);
    if (unwanted !== undefined) return { wishes: {}, words: [refusalAnswer(unwanted)], done: "confused" };
    let wanted = wishesOf(command, preview, `comment ${comment.id}.${index + 1}`, { lifetime, now, head: pr.head.sha });
    if (command.name === "help") words.push(helpAnswer());
    if (command.name === "status") words.push(await status(world, preview, signal));
    if (command.name === "logs") words.push(await logs(world, preview, command, signal));
    if (command.name === "approve") {
      const approval = await approvalOf(world, pr, preview, comment, command.commit, signal);
      if ("refused" in approval) return { wishes: {}, words: [approval.refused], done: "confused" };
      if ("needless" in approval) words.push(approval.needless);
      else wanted = { approvedCommit: approval.commit, requested: true, calledAt: now.toISOString() };
    }
    if ("impossible" in wanted) return { wishes: {}, words: [impossibleAnswer(wanted)], done: "confused" };
    wishes = { ...wishes, ...wanted };
    const changed = Object.entries({ ...preview.spec, ...wanted }).filter(([, value]) => value !== undefined);
    preview = { ...preview, spec: { ...preview.spec, ...Object.fromEntries(changed) } };
  }
  return { wishes, words, done: "rocket" };
}
