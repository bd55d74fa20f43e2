import { reconcile } from "../../../src/pipeline/reconcile.ts";
import type { World } from "../../../src/pipeline/world.ts";
import type { Limits } from "../../../src/policy/capacity.ts";
import type { Lifetime } from "../../../src/policy/lifetime.ts";
import type { OperatorPolicy } from "../../../src/policy/triggers.ts";
import type { Queue } from "../../../src/ports/queue.ts";
import type { PreviewKey } from "../../../src/preview/key.ts";
import type { Preview } from "../../../src/preview/preview.ts";
import { defaultLimits } from "../../../src/objects/namespace-kit.ts";
import type { TestFiles } from "../../contract/git-server.ts";
import { roomyBudget } from "../../fakes/call-budget.ts";
import { createFakeBuilder } from "../../fakes/builder.ts";
import { createFakeCheckouts, type FakeCheckouts } from "../../fakes/checkouts.ts";
import { type FakeClock, fakeClock } from "../../fakes/clock.ts";
import { fakeCluster, type FakeClusterOptions } from "../../fakes/cluster.ts";
import { fakeImageLedger } from "../../fakes/image-ledger.ts";
import { fakeKubernetes } from "../../fakes/kubernetes.ts";
import { createFakeGitHub } from "../../fakes/pull-requests.ts";
import { fakeRecords } from "../../fakes/records.ts";
import { createFakeRegistry } from "../../fakes/registry.ts";
import { type FakeReleasesOptions, fakeReleases } from "../../fakes/releases.ts";

export const usualConfig = [
  "chart: {path: chart}",
  "images: [{name: hello, context: .}]",
  "expose: [{name: web, service: hello, port: 80}]",
  "",
].join("\n");

/** A repository with one image and a chart whose only workload is a CronJob, which is ready as soon as it is there. */
export const files: TestFiles = {
  Dockerfile: "FROM busybox:1.37\nCOPY page /page\n",
  page: "hello",
  "chart/Chart.yaml": "apiVersion: v2\nname: hello\nversion: 1.0.0\n",
  "chart/values.yaml": "commit: none\n",
  "chart/templates/job.yaml": [
    "apiVersion: batch/v1",
    "kind: CronJob",
    "metadata: {name: hello}",
    "spec:",
    "  schedule: '@daily'",
    "  jobTemplate:",
    "    spec:",
    "      template:",
    "        metadata: {labels: {app: hello}}",
    "        spec: {restartPolicy: Never, containers: [{name: hello, image: hello}]}",
    "",
  ].join("\n"),
  "chart/templates/service.yaml": [
    "apiVersion: v1",
    "kind: Service",
    "metadata: {name: hello}",
    "spec: {selector: {app: hello}, ports: [{port: 80}]}",
    "",
  ].join("\n"),
  "greenroom.yaml": usualConfig,
};

export type SmallWorldOptions = {
  budget?: World["budget"];
  /** The greenroom.yaml of the base branches. */
  config?: string;
  previews?: Partial<OperatorPolicy>;
  releases?: FakeReleasesOptions;
  cluster?: FakeClusterOptions;
  /** Makes the queue that looks are asked for; without it `asked` has them. */
  queue?: (clock: FakeClock) => Queue;
  lifetime?: Partial<Lifetime>;
  limits?: Partial<Limits>;
  /** Those of several worlds, whoever made them closes them. */
  checkouts?: FakeCheckouts;
  /** GitHub's clock is not ours: it stays right when somebody sets this one. */
  ownTime?: boolean;
};

/** The pipeline in a world of contract-tested fakes. */
export function smallWorld(options: SmallWorldOptions = {}) {
  const commits = options.checkouts ?? createFakeCheckouts();
  const kubernetes = fakeKubernetes();
  const clock = fakeClock();
  const gitHubTime = () => (options.ownTime === true ? clock.steady() : clock.now());
  const github = createFakeGitHub(gitHubTime, options.config ?? usualConfig);
  const registry = createFakeRegistry("registry.test", () => clock.now());
  const builder = createFakeBuilder(registry);
  const ledger = fakeImageLedger();
  const records = fakeRecords(() => clock.now());
  const asked: PreviewKey[] = [];
  /** Files of a commit, where they are not the usual ones. */
  const contents = new Map<string, TestFiles>();

  const world: World = {
    pullRequests: github.pullRequests,
    budget: options.budget ?? roomyBudget(),
    queue: options.queue?.(clock) ?? {
      enqueue: async (key) => {
        asked.push(key);
      },
    },
    checkouts: {
      fetch: (repositoryId, access, commit, signal) =>
        commits.fetch(repositoryId, access, commits.commit(repositoryId, contents.get(commit) ?? files), signal),
    },
    builder,
    registry,
    ledger,
    records,
    cluster: fakeCluster(kubernetes, options.cluster),
    releases: fakeReleases(kubernetes, options.releases),
    clock,
    log: { debug() {}, info() {}, warn() {}, error() {} },
    rules: {
      address: { scheme: "https", domain: "preview.test", port: undefined },
      platform: "linux/amd64",
      registryCache: false,
      readySeconds: 60,
      images: { graceMs: 7 * 86_400_000, buildMs: 1_200_000 },
      kit: { limits: defaultLimits, gateway: { namespaces: ["greenroom"], cidrs: [] }, blockedCidrs: [] },
      charts: "/nowhere",
      previews: { repositories: [], trigger: "always", unconfigured: "request", ...options.previews },
      lifetime: { idleHours: 72, warnHours: 12, afterwards: "remove", ...options.lifetime },
      limits: {
        previews: { all: undefined, installation: undefined, repository: undefined },
        builds: { all: undefined, installation: 10, repository: 4 },
        makeRoom: false,
        ...options.limits,
      },
    },
  };

  return {
    world,
    clock,
    github,
    kubernetes,
    registry,
    ledger,
    builder,
    records,
    asked,
    contents,
    checkouts: commits,
    look: (key: PreviewKey, signal = new AbortController().signal) => reconcile(world, key, signal, () => undefined),
    async record(key: PreviewKey): Promise<Preview> {
      const found = await records.find(key, new AbortController().signal);
      if (found === undefined) throw new Error("there is no record");
      return found;
    },
    /** Head commit of a pull request. */
    async head(key: PreviewKey): Promise<string> {
      const pr = await github.pullRequests.read(key, undefined, new AbortController().signal);
      if (pr === "gone") throw new Error("the pull request is gone");
      return pr.head.sha;
    },
    /** Our comment; there must never be another one. */
    async comment(key: PreviewKey): Promise<string> {
      const ours = (await github.comments(key)).filter((comment) => comment.ours);
      if (ours.length !== 1) throw new Error(`there are ${ours.length} comments of ours`);
      return ours[0]?.body ?? "";
    },
  };
}
