import { readFileSync } from "node:fs";
import type { GitHubOptions } from "../../infra/local/github/github.ts";
import { createConversation } from "../../src/adapters/github/conversation.ts";
import { createPullRequests } from "../../src/adapters/github/pull-requests.ts";
import type { GitHubCall } from "../../src/adapters/github/client.ts";
import type { Conversation } from "../../src/ports/conversation.ts";
import type { PullRequests } from "../../src/ports/pull-requests.ts";
import type { PreviewKey } from "../../src/preview/key.ts";
import { roomyBudget } from "../fakes/call-budget.ts";
import type { PlayedGitHub } from "../fakes/pull-requests.ts";
import { type Clone, type World, cloneOf, shop, startWorld } from "../integration/github/world.ts";

/** The adapter on the stand-in for GitHub, and people who use it. */
export type PlayedStandIn = {
  github: PlayedGitHub & { reopen(key: PreviewKey): Promise<void> };
  pullRequests: PullRequests;
  conversation: Conversation;
  world: World;
  /** Requests the adapter has sent. */
  calls: GitHubCall[];
  dispose(): Promise<void>;
};

const place = { owner: "maintainer", repo: "shop" };

export async function playStandIn(options: Partial<GitHubOptions> = {}): Promise<PlayedStandIn> {
  const world = await startWorld(options);
  const clone = await shop(world);
  const calls: GitHubCall[] = [];
  const access = {
    appId: world.hub.appId,
    privateKey: readFileSync(world.hub.privateKeyPath, "utf8"),
    apiUrl: world.hub.apiUrl,
    budget: roomyBudget(),
    onCall: (call: GitHubCall) => calls.push(call),
  };
  const pullRequests = createPullRequests(access);
  const conversation = createConversation(access);
  const maintainer = world.as("maintainer");
  const { data: repository } = await maintainer.rest.repos.get(place);
  const { data: installation } = await world.app.rest.apps.getRepoInstallation(place);
  const keyOf = (number: number): PreviewKey => ({
    installation: installation.id,
    repository: { id: repository.id, nodeId: repository.node_id },
    number,
  });
  const clones = new Map<number, { clone: Clone; branch: string }>();
  let commits = 0;

  const commitAndPush = async (from: Clone, branch: string): Promise<string> => {
    commits += 1;
    const sha = await from.commit(branch, { "page.html": `page ${commits}\n` });
    await from.git("push", "--quiet", "origin", branch);
    return sha;
  };

  const github: PlayedStandIn["github"] = {
    async open({ author = { login: "author", permission: "write" as const }, draft = false, fork = false } = {}) {
      const branch = `change-${commits + 1}`;
      let from = clone;
      if (fork) {
        await world.as(author.login).rest.repos.createFork(place);
        from = await cloneOf(world, `${author.login}/shop`, author.login);
      }
      await commitAndPush(from, branch);
      const head = fork ? `${author.login}:${branch}` : branch;
      const opening = { ...place, title: "Change", head, base: "main", draft };
      const { data } = await world.as(author.login).rest.pulls.create(opening);
      clones.set(data.number, { clone: from, branch });
      return keyOf(data.number);
    },
    async push(key) {
      const source = clones.get(key.number);
      if (source === undefined) throw new Error("no such pull request");
      return await commitAndPush(source.clone, source.branch);
    },
    async label(key, name) {
      await maintainer.rest.issues.addLabels({ ...place, issue_number: key.number, labels: [name] });
    },
    async configure(_, text) {
      await clone.git("checkout", "--quiet", "main");
      await clone.commit("main", { "greenroom.yaml": text });
      await clone.git("push", "--quiet", "origin", "main");
    },
    async close(key) {
      await maintainer.rest.pulls.update({ ...place, pull_number: key.number, state: "closed" });
    },
    async reopen(key) {
      await maintainer.rest.pulls.update({ ...place, pull_number: key.number, state: "open" });
    },
    async say(key, body, login = "author") {
      const { data } = await world.as(login).rest.issues.createComment({ ...place, issue_number: key.number, body });
      return data.id;
    },
    async reactions(_, id) {
      const { data } = await maintainer.rest.reactions.listForIssueComment({ ...place, comment_id: id });
      const ours = data.filter(({ user }) => user?.login === "greenroom[bot]").map(({ content }) => content);
      return (["eyes", "rocket", "confused"] as const).filter((each) => ours.includes(each));
    },
    async deleteComment(_, id) {
      await maintainer.rest.issues.deleteComment({ ...place, comment_id: id });
    },
    async comments(key) {
      const { data } = await maintainer.rest.issues.listComments({ ...place, issue_number: key.number });
      return data.map(({ id, body, user }) => ({
        id,
        body: body ?? "",
        ours: user?.login === "greenroom[bot]",
      }));
    },
    async checks(_, commit) {
      const { data } = await maintainer.rest.checks.listForRef({ ...place, ref: commit, filter: "all" });
      return await Promise.all(
        data.check_runs.map(async (run) => {
          const found = await maintainer.rest.checks.listAnnotations({ ...place, check_run_id: run.id });
          return {
            id: run.id,
            report: {
              commit: run.head_sha,
              status: run.status === "completed" ? ("completed" as const) : ("in_progress" as const),
              ...(run.conclusion === "failure" ? { conclusion: run.conclusion } : {}),
              title: run.output.title ?? "",
              summary: run.output.summary ?? "",
              annotations: found.data.map((each) => ({
                path: each.path,
                line: each.start_line,
                message: each.message ?? "",
              })),
              actions: [],
              ...(run.details_url?.includes("example.dev") ? { detailsUrl: run.details_url } : {}),
              externalId: run.external_id ?? "",
            },
          };
        }),
      );
    },
    async deployments(_, environment) {
      const { data } = await maintainer.rest.repos.listDeployments({ ...place, environment });
      return await Promise.all(
        data.map(async ({ id, sha }) => {
          const deployment_id = id;
          const { data: statuses } = await maintainer.rest.repos.listDeploymentStatuses({ ...place, deployment_id });
          const url = statuses[0]?.environment_url;
          return {
            id: deployment_id,
            commit: sha,
            environment,
            state: statuses[0]?.state ?? "pending",
            ...(url === undefined || url === "" ? {} : { url }),
          };
        }),
      );
    },
    async revoke(permission) {
      const { directory } = world.hub.github.store;
      const { app } = directory;
      const kept = Object.entries(app.permissions).filter(([name]) => name !== permission);
      Object.assign(app, { permissions: Object.fromEntries(kept) });
      // Tokens keep what they were made with, so they go too.
      directory.installationTokens = [];
      await Promise.resolve();
    },
    async uninstall() {
      world.hub.github.store.directory.installations = [];
      await Promise.resolve();
    },
  };
  return { github, pullRequests, conversation, world, calls, dispose: () => world.close() };
}
