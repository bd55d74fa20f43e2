import { createHash } from "node:crypto";
import type { Conversation, Reaction, Said } from "../../src/ports/conversation.ts";
import type { PullRequests } from "../../src/ports/pull-requests.ts";
import { type PreviewKey, keyString } from "../../src/preview/key.ts";
import { type Permission, type PullRequest, isFork } from "../../src/preview/pull-request.ts";
import type { CheckReport, DeploymentReport } from "../../src/report/reports.ts";
import { fakeConversation, type KeptComment, saidOf } from "./conversation.ts";

export type ShownComment = { id: number; body: string; ours: boolean };
export type ShownCheck = { id: number; report: CheckReport };
export type ShownDeployment = { id: number; commit: string; environment: string; state: string; url?: string };

export type OpenOptions = {
  author?: { login: string; permission: Permission; bot?: boolean };
  draft?: boolean;
  fork?: boolean;
};

/** A repository of the fake's; further ones come to be with the first pull request that names them. */
export type FakeRepository = {
  id: number;
  nodeId: string;
  owner: string;
  name: string;
};

/** What people do on GitHub, and what they see there. */
export type PlayedGitHub = {
  open(options?: OpenOptions): Promise<PreviewKey>;
  push(key: PreviewKey): Promise<string>;
  label(key: PreviewKey, name: string): Promise<void>;
  /** Somebody puts this greenroom.yaml on the base branch. */
  configure(key: PreviewKey, text: string): Promise<void>;
  close(key: PreviewKey): Promise<void>;
  /** Somebody comments: the author, where nobody else is named. Answers the comment's id. */
  say(key: PreviewKey, body: string, login?: string): Promise<number>;
  /** Our reactions to a comment. */
  reactions(key: PreviewKey, id: number): Promise<Reaction[]>;
  deleteComment(key: PreviewKey, id: number): Promise<void>;
  comments(key: PreviewKey): Promise<ShownComment[]>;
  checks(key: PreviewKey, commit: string): Promise<ShownCheck[]>;
  deployments(key: PreviewKey, environment: string): Promise<ShownDeployment[]>;
  /** Takes a permission of the app away. */
  revoke(permission: "checks" | "deployments" | "pull_requests"): Promise<void>;
  uninstall(): Promise<void>;
};

export type FakeGitHub = PlayedGitHub & {
  pullRequests: PullRequests;
  conversation: Conversation;
  /** What somebody may do in every repository; who is not named may read. */
  permit(login: string, permission: Permission): void;
  /** Somebody edits their comment. */
  edit(key: PreviewKey, id: number, body: string): void;
  open(options?: OpenOptions & { repository?: FakeRepository }): Promise<PreviewKey>;
  /** Says which files a pull request changes. */
  touch(key: PreviewKey, files: readonly string[] | "many"): void;
  /** Changes a pull request in any way there is. */
  change(key: PreviewKey, changes: Partial<PullRequest>): Promise<void>;
  /** Renames a repository: every pull request of it is then found under the new name. */
  rename(repositoryId: number, name: string): void;
  /** Pull requests of all repositories, as they stand. */
  all(): PullRequest[];
  /** What is said under a pull request. */
  said(key: PreviewKey): Said[];
  /** What the app may do now. */
  access(): { installed: boolean; revoked: ReadonlySet<string> };
  /** Calls of the port so far, by method; the same count as GitHub's where the real adapter needs one call each. */
  readonly calls: readonly (keyof PullRequests)[];
  reopen(key: PreviewKey): Promise<void>;
  /** Asked before every call; what it throws, the call throws. */
  interfere(with_: (method: keyof PullRequests, key: PreviewKey) => void): void;
};

type Thread = {
  pr: PullRequest;
  /** What it changes. */
  files: readonly string[] | "many";
  comments: KeptComment[];
  checks: ShownCheck[];
  deployments: ShownDeployment[];
};

const marker = "<!-- greenroom:preview";
const shopConfig =
  "chart: {path: chart}\nimages: [{name: shop, context: .}]\nexpose: [{name: web, service: web, port: 80}]\n";
const shop: FakeRepository = { id: 42, nodeId: "R_42", owner: "maintainer", name: "shop" };

/** Repositories of GitHub's in memory; one where nobody asks for more. */
export function createFakeGitHub(
  now: () => Date = () => new Date(),
  /** The greenroom.yaml of the base branches. */
  usualConfig: string = shopConfig,
): FakeGitHub {
  const roles = new Map<string, Permission>();
  const threads = new Map<string, Thread>();
  const calls: (keyof PullRequests)[] = [];
  const revoked = new Set<string>();
  let installed = true;
  let lastId = 1_000;
  const lastNumbers = new Map<number, number>();
  let interference: ((method: keyof PullRequests, key: PreviewKey) => void) | undefined;

  const nextId = () => (lastId += 1);
  const commit = () => createHash("sha1").update(String(nextId())).digest("hex");
  const thread = (key: PreviewKey): Thread => {
    const found = threads.get(keyString(key));
    if (found === undefined) throw new Error(`there is no pull request ${keyString(key)}`);
    return found;
  };
  const begin = async (method: keyof PullRequests, key: PreviewKey, signal: AbortSignal) => {
    signal.throwIfAborted();
    calls.push(method);
    interference?.(method, key);
    await Promise.resolve();
  };

  /** GitHub tells no fractions of a second. */
  const second = () => new Date(Math.floor(now().getTime() / 1_000) * 1_000);
  const write = (comments: KeptComment[], author: string | undefined, body: string, ours: boolean): number => {
    const id = nextId();
    comments.push({ id, body, ours, author, createdAt: second(), updatedAt: second(), reactions: [] });
    return id;
  };

  const pullRequests: PullRequests = {
    async read(key, commentId, signal) {
      await begin("read", key, signal);
      const found = threads.get(keyString(key));
      if (!installed || found === undefined) return "gone";
      const ours = found.comments.filter((each) => each.ours);
      const marked = ours.filter(({ body }) => body.startsWith(marker));
      const comment = ours.find(({ id }) => id === commentId) ?? marked[0];
      const strays = marked.filter((each) => each !== comment).map(({ id }) => id);
      const { comment: _, ...pr } = structuredClone(found.pr);
      return {
        ...pr,
        ...(comment === undefined ? {} : { comment: { id: comment.id, body: comment.body } }),
        ...(strays.length === 0 ? {} : { strayComments: strays }),
      };
    },
    async changedFiles(pr, signal) {
      await begin("changedFiles", pr.key, signal);
      return thread(pr.key).files;
    },
    async comment(pr, id, body, signal) {
      await begin("comment", pr.key, signal);
      const found = thread(pr.key);
      found.comments = found.comments.filter((each) => !each.ours || pr.strayComments?.includes(each.id) !== true);
      const { comments } = found;
      const existing = comments.find((each) => each.ours && each.id === id);
      if (existing !== undefined) {
        existing.body = body;
        existing.updatedAt = second();
        return existing.id;
      }
      return write(comments, undefined, body, true);
    },
    async check(pr, id, report, signal) {
      await begin("check", pr.key, signal);
      if (revoked.has("checks")) return undefined;
      const { checks } = thread(pr.key);
      const before = checks.find((each) => each.id === id);
      const isOther = before?.report.commit !== report.commit;
      if (before !== undefined && isOther && before.report.status !== "completed") {
        before.report = { ...before.report, status: "completed", conclusion: "cancelled", title: "Superseded" };
      }
      const isAnew = before?.report.status === "completed" && report.status !== "completed";
      const { annotations = [] } = before?.report ?? {};
      const isAnnotated = JSON.stringify(annotations) === JSON.stringify(report.annotations);
      const existing = isOther || isAnew || (annotations.length > 0 && !isAnnotated) ? undefined : before;
      if (existing !== undefined) existing.report = report;
      const written = existing ?? { id: nextId(), report };
      if (existing === undefined) checks.push(written);
      return written.id;
    },
    async deployment(pr, id, report: DeploymentReport, signal) {
      await begin("deployment", pr.key, signal);
      if (revoked.has("deployments")) return undefined;
      const { deployments } = thread(pr.key);
      const { commit: ref, environment, state, url } = report;
      const shown = { commit: ref, environment, state, ...(url === undefined ? {} : { url }) };
      const existing = deployments.find((each) => each.id === id && each.commit === ref);
      const written = existing ?? { id: nextId(), ...shown };
      Object.assign(written, shown);
      if (existing === undefined) deployments.push(written);
      const older = deployments.filter((each) => each !== written && each.environment === environment);
      for (const each of older) if (state === "success" && each.state === "success") each.state = "inactive";
      return written.id;
    },
    async retireDeployments(key, environment, keep, signal) {
      await begin("retireDeployments", key, signal);
      const found = threads.get(keyString(key));
      if (found === undefined || revoked.has("deployments")) return;
      found.deployments = found.deployments.filter((each) => each.environment !== environment || each.id === keep);
    },
    async gitAccess(pr, signal) {
      await begin("gitAccess", pr.key, signal);
      return {
        url: `https://github.invalid/${pr.owner}/${pr.repository}.git`,
        username: "x-access-token",
        password: "ghs_fake",
      };
    },
  };

  const conversation = fakeConversation({ thread, roles, write, second });

  const change = async (key: PreviewKey, changes: Partial<PullRequest>) => {
    Object.assign(thread(key).pr, changes);
    await Promise.resolve();
  };

  return {
    pullRequests,
    conversation,
    permit: (login, permission) => void roles.set(login, permission),
    edit(key, id, body) {
      const found = thread(key).comments.find((each) => each.id === id);
      if (found !== undefined) Object.assign(found, { body, updatedAt: second() });
    },
    async reactions(key, id) {
      await Promise.resolve();
      return [...(thread(key).comments.find((each) => each.id === id)?.reactions ?? [])];
    },
    calls,
    interfere: (ask) => {
      interference = ask;
    },
    change,
    touch: (key, files) => void Object.assign(thread(key), { files }),
    rename(repositoryId, name) {
      for (const { pr } of threads.values()) if (pr.key.repository.id === repositoryId) pr.repository = name;
    },
    all: () => [...threads.values()].map(({ pr }) => structuredClone(pr)),
    said: (key) => thread(key).comments.map(saidOf),
    access: () => ({ installed, revoked }),
    async open(options: OpenOptions & { repository?: FakeRepository } = {}) {
      const { draft = false, fork = false, repository = shop } = options;
      const author = options.author ?? { login: "author", permission: "write" };
      const number = (lastNumbers.get(repository.id) ?? 0) + 1;
      lastNumbers.set(repository.id, number);
      const { id, nodeId, owner, name } = repository;
      const key: PreviewKey = { installation: 7, repository: { id, nodeId }, number };
      const pr: PullRequest = {
        key,
        owner,
        repository: name,
        number,
        title: "Change",
        url: `https://github.invalid/${owner}/${name}/pull/${number}`,
        state: "open",
        merged: false,
        draft,
        labels: [],
        author: { login: author.login, bot: options.author?.bot ?? false, permission: author.permission },
        head: { sha: commit(), ref: `change-${number}`, repositoryId: fork ? id + 1_000 : id },
        base: {
          sha: "b".repeat(40),
          ref: "main",
          config: { file: "greenroom.yaml", text: usualConfig },
        },
        defaultBranch: "main",
      };
      threads.set(keyString(key), { pr, files: ["page.html"], comments: [], checks: [], deployments: [] });
      await Promise.resolve();
      return key;
    },
    async push(key) {
      const { pr } = thread(key);
      const sha = commit();
      await change(key, { head: { ...pr.head, sha, ...(isFork(pr) ? {} : { repositoryId: key.repository.id }) } });
      return sha;
    },
    configure(key, text) {
      const { repository } = key;
      for (const { pr } of threads.values()) {
        if (pr.key.repository.id === repository.id) pr.base = { ...pr.base, config: { file: "greenroom.yaml", text } };
      }
      return Promise.resolve();
    },
    label: (key, name) => change(key, { labels: [...thread(key).pr.labels, name] }),
    close: (key) => change(key, { state: "closed" }),
    reopen: (key) => change(key, { state: "open" }),
    async say(key, body, login) {
      await Promise.resolve();
      const { pr, comments } = thread(key);
      return write(comments, login ?? pr.author.login, body, false);
    },
    async deleteComment(key, id) {
      const found = thread(key);
      found.comments = found.comments.filter((each) => each.id !== id);
      await Promise.resolve();
    },
    comments: (key) => Promise.resolve(thread(key).comments.map(({ id, body, ours }) => ({ id, body, ours }))),
    checks: (key, commitId) =>
      Promise.resolve(structuredClone(thread(key).checks.filter((each) => each.report.commit === commitId))),
    deployments: (key, environment) =>
      Promise.resolve(structuredClone(thread(key).deployments.filter((each) => each.environment === environment))),
    async revoke(permission) {
      revoked.add(permission);
      await Promise.resolve();
    },
    async uninstall() {
      installed = false;
      await Promise.resolve();
    },
  };
}
