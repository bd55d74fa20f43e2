import { isPreviewComment, memoryMs } from "./truth.ts";
import { keyString, type PreviewKey, sameKey } from "../../src/preview/key.ts";
import type { Preview } from "../../src/preview/preview.ts";
import type { PullRequest } from "../../src/preview/pull-request.ts";
import type { FakeRepository } from "../fakes/pull-requests.ts";
import { type Content, filesOf } from "./contents.ts";
import { systemOf } from "./faults.ts";
import type { Action, Fortune, History } from "./history.ts";
import { meanings, shownAsHeld } from "./remarks.ts";
import type { Story } from "./story.ts";
import { timer } from "./timer.ts";
import { commentWebhook, pullRequestWebhook, type Webhook } from "./webhooks.ts";
import type { ModelWorld } from "./world.ts";

/** Until a pod that ended and was started again counts as well, in milliseconds. */
const settledMs = 80_000;
const never = new AbortController().signal;
/** Two of the same name, so that their records ask for the same name. */
const repositories: readonly FakeRepository[] = [
  { id: 42, nodeId: "R_42", owner: "maintainer", name: "shop" },
  { id: 43, nodeId: "R_43", owner: "other", name: "shop" },
];

/** What the player knows of a pull request besides what GitHub shows. */
export type Played = {
  key: PreviewKey;
  contents: Map<string, Content>;
  commits: string[];
};

export type Player = {
  played: Played[];
  act(action: Action): Promise<void>;
  /** What is still on its way arrives, and nothing fails any more. */
  endTrouble(): Promise<void>;
};

const nameOf = (key: PreviewKey) => `PR #${key.number} of ${key.repository.id === 42 ? "shop" : "other/shop"}`;

export function createPlayer(world: ModelWorld, story: Story): Player {
  const { small, github, clock, queue, commands, deliveries, people, faults, records } = world;
  const played: Played[] = [];
  const late: (() => Promise<void>)[] = [];
  const news: PreviewKey[] = [];
  let renames = 0;

  const chosen = (number: number): Played | undefined => played[number % Math.max(1, played.length)];
  const stateOf = (key: PreviewKey): PullRequest => {
    const found = github.all().find((pr) => sameKey(pr.key, key));
    if (found === undefined) throw new Error(`there is no ${keyString(key)}`);
    return found;
  };
  const recordOf = async (key: PreviewKey): Promise<Preview | undefined> => await records.find(key, never);

  function commit(of: Played, sha: string, content: Content): void {
    of.contents.set(sha, content);
    of.commits.push(sha);
    people.committed(of.key, sha);
    small.contents.set(sha, filesOf(content, sha));
  }

  /** GitHub tells of a change, as far as fortune lets it. */
  async function tell(receive: () => Promise<void>, action: string, fortune: Fortune): Promise<void> {
    if (fortune !== "arrives") story.tell(`  its webhook \`${action}\` ${fortune}`);
    if (fortune === "vanishes") return;
    if (fortune === "comes late") {
      late.push(() => deliveries.deliver(receive));
      return;
    }
    let refused = fortune === "is refused";
    await deliveries.deliver(async () => {
      if (!refused) return await receive();
      refused = false;
      throw new Error("503");
    });
    if (fortune === "comes twice") await deliveries.deliver(receive);
  }

  const received = (webhook: Webhook) => () => world.receive(webhook);
  const tellOf = (key: PreviewKey, action: string, fortune: Fortune): Promise<void> =>
    tell(received(pullRequestWebhook(stateOf(key), action)), action, fortune);

  /** Somebody writes under a pull request. */
  async function say({ key, commits }: Played, action: Extract<Action, { do: "say" }>): Promise<void> {
    const { author, head, ...pr } = stateOf(key);
    const { text, approves } = meanings[action.remark];
    const shown = (await github.comments(key)).filter(({ ours }) => ours).map(({ body }) => body);
    const approved =
      approves === "the head" ? head.sha : approves === "the first commit" ? commits[0] : shownAsHeld(shown);
    const body = approves === undefined || approves === "what is shown" ? text : `${text} ${approved}`;
    const id = await github.say(key, body, action.by === "author" ? author.login : action.by);
    const spoken = { key, id, remark: action.remark, by: action.by, at: clock.steady(), heard: false };
    people.said(spoken, approves === undefined ? undefined : approved);
    story.tell(`${nameOf(key)}: ${action.by} writes comment ${id}: ${JSON.stringify(body)}`);
    const webhook = commentWebhook({ author, head, ...pr }, "created", body, "User");
    const hear = async (): Promise<void> => {
      await world.receive(webhook);
      // GitHub delivers nothing that is older.
      if (clock.steady().getTime() - spoken.at.getTime() < memoryMs) spoken.heard = true;
    };
    await tell(hear, "created", action.webhook);
  }

  /** A worker's watch of the cluster has news; it has them again when the queue did not take them. */
  async function watchTells(key: PreviewKey): Promise<void> {
    news.push(key);
    await queue.enqueue(key, "check").catch(() => undefined);
  }

  async function onPullRequest(action: Extract<Action, { pr: number }>): Promise<void> {
    const of = chosen(action.pr);
    if (of === undefined) return;
    const { key } = of;
    const pr = stateOf(key);
    const name = nameOf(key);
    switch (action.do) {
      case "push": {
        const sha = await github.push(key);
        commit(of, sha, action.content);
        story.tell(`${name}: push ${sha.slice(0, 7)}, which ${action.content}`);
        return await tellOf(key, "synchronize", action.webhook);
      }
      case "push back": {
        const sha = of.commits[0] ?? pr.head.sha;
        await github.change(key, { head: { ...pr.head, sha } });
        story.tell(`${name}: force-push back to ${sha.slice(0, 7)}`);
        return await tellOf(key, "synchronize", action.webhook);
      }
      case "close":
      case "merge":
        if (pr.state === "closed") return;
        await github.change(key, { state: "closed", merged: action.do === "merge" });
        story.tell(`${name}: ${action.do}`);
        return await tellOf(key, "closed", action.webhook);
      case "reopen":
        if (pr.state === "open" || pr.merged) return;
        await github.reopen(key);
        story.tell(`${name}: reopen`);
        return await tellOf(key, "reopened", action.webhook);
      case "label":
        await github.label(key, "any");
        story.tell(`${name}: label`);
        return await tellOf(key, "labeled", action.webhook);
      case "draft":
        await github.change(key, { draft: !pr.draft });
        story.tell(`${name}: ${pr.draft ? "ready for review" : "converted to draft"}`);
        return await tellOf(key, pr.draft ? "ready_for_review" : "converted_to_draft", action.webhook);
      case "permission":
        await github.change(key, { author: { ...pr.author, permission: action.permission } });
        people.permitted(key, action.permission);
        story.tell(`${name}: its author has ${action.permission} permission now, and somebody labels it`);
        return await tellOf(key, "labeled", "arrives");
      case "want": {
        const record = await recordOf(key);
        if (record === undefined) return;
        await records.amend(record, { want: action.want }, never);
        story.tell(`${name}: somebody wants it ${action.want}`);
        return await queue.enqueue(key, "change").catch(() => undefined);
      }
      case "say":
        return await say(of, action);
      case "delete record": {
        const record = await recordOf(key);
        if (record === undefined) return;
        records.deleteByHand(record.name);
        story.tell(`${name}: somebody deletes the record ${record.name}`);
        return;
      }
      case "delete namespace": {
        const { namespace } = (await recordOf(key))?.status ?? {};
        if (namespace === undefined || !world.kubernetes.namespaces.delete(namespace)) return;
        for (const [account, into] of world.kubernetes.accounts)
          if (into === namespace) world.kubernetes.accounts.delete(account);
        world.kubernetes.changed();
        story.tell(`${name}: somebody deletes the namespace ${namespace}`);
        return await watchTells(key);
      }
      case "delete comment": {
        const ours = (await github.comments(key)).find((comment) => comment.ours && isPreviewComment(comment.body));
        if (ours === undefined) return;
        await github.deleteComment(key, ours.id);
        story.tell(`${name}: somebody deletes our comment`);
        return await tell(received(commentWebhook(pr, "deleted", ours.body, "Bot")), "deleted", "arrives");
      }
      case "visit": {
        const record = await recordOf(key);
        if (record === undefined) return;
        const lastVisitAt = clock.now().toISOString();
        await records.report(record, { lastVisitAt }, never);
        story.tell(`${name}: somebody visits it`);
        if (record.status.phase === "Asleep") await watchTells(key);
        return;
      }
      case "crash pod": {
        const record = await recordOf(key);
        if (record === undefined || !world.life.crashPod(record.status.namespace ?? "")) return;
        story.tell(`${name}: its pod ends`);
        void clock.wait(settledMs, never).then(() => watchTells(key));
        return await watchTells(key);
      }
    }
  }

  async function act(action: Action): Promise<void> {
    if ("pr" in action) return await onPullRequest(action);
    switch (action.do) {
      case "open": {
        const { repository, fork, permission, content } = action;
        const of = repositories[repository] ?? repositories[0];
        if (of === undefined) return;
        const key = await github.open({ repository: of, fork, author: { login: "author", permission } });
        people.opened(key, fork, permission);
        const next: Played = { key, contents: new Map(), commits: [] };
        played.push(next);
        const { sha } = stateOf(key).head;
        commit(next, sha, content);
        story.tell(
          `${nameOf(key)}: opened${fork ? " from a fork" : ""} by somebody with ${permission} permission at ${sha.slice(0, 7)}, which ${content}`,
        );
        return await tellOf(key, "opened", action.webhook);
      }
      case "rename":
        renames += 1;
        github.rename(repositories[action.repository]?.id ?? 42, `store-${renames}`);
        story.tell(`repository ${action.repository} is renamed to store-${renames}`);
        return;
      case "fault": {
        const { calls } = world;
        const call = typeof action.call === "string" ? action.call : (calls[action.call % calls.length] ?? "");
        const known = action.does === "fail" && systemOf(call) === "the queue" ? "crash" : action.does;
        faults.arm({ call, moment: action.moment, does: known });
        return;
      }
      case "outage":
        story.tell(`${action.system} is out for ${action.seconds} s`);
        setOut(action.system, true);
        void clock.wait(action.seconds * 1_000, never).then(() => setOut(action.system, false));
        return;
      case "crash":
      case "stop":
      case "resume": {
        const process = world.workers[action.worker % Math.max(1, world.workers.length)]?.process;
        if (process === undefined) return;
        if (action.do === "resume") return world.resume(process);
        if (process.state() !== "running") return;
        story.tell(`${process.name} ${action.do === "crash" ? "crashes" : "is stopped"}`);
        return world[action.do](process);
      }
      case "flush":
        story.tell("Redis is flushed");
        queue.flush();
        people.forget();
        return commands.flush();
      case "sweep":
        story.tell("a sweep begins");
        void world.workers.find(({ process }) => process.state() === "running")?.sweep();
        return;
      case "time passes": {
        story.tell(`${action.seconds} s pass`);
        const over = timer(clock, action.seconds * 1_000);
        while (!over()) await world.turns.step();
        return;
      }
      case "clock jumps":
        story.tell(`the clock jumps by ${action.seconds} s`);
        return clock.jump(action.seconds * 1_000);
    }
  }

  function setOut(system: Parameters<typeof faults.setOut>[0], out: boolean): void {
    if (system === "the queue") for (const each of [queue, commands]) each.setDown(out);
    faults.setOut(system, out);
  }

  return {
    played,
    act,
    async endTrouble() {
      faults.end();
      setOut("the queue", false);
      for (const { process } of world.workers) world.resume(process);
      for (const deliver of late.splice(0)) await deliver();
      for (const key of news.splice(0)) await queue.enqueue(key, "check");
    },
  };
}

/** What the operator set in a history. */
export function rulesOf({ operator }: History): Parameters<typeof import("./world.ts").createModelWorld>[1] {
  const { sleeps, builds, previews, makeRoom, collects } = operator;
  return {
    lifetime: { idleHours: 72, warnHours: 12, afterwards: sleeps ? "sleep" : "remove" },
    limits: {
      previews: { all: undefined, installation: previews, repository: undefined },
      builds: { all: undefined, installation: builds, repository: undefined },
      makeRoom: makeRoom && { leastIdleMs: 15 * 60_000 },
    },
    images: { graceMs: collects ? 24 * 3_600_000 : 0, buildMs: 1_200_000 },
  };
}
