import { answerMarker } from "../../src/ports/conversation.ts";
import { commentMarker } from "../../src/report/comment.ts";
import { environmentName } from "../../src/report/deployment.ts";
import { annotations } from "../../src/objects/our-names.ts";
import { at } from "../../src/objects/read.ts";
import { sameKey } from "../../src/preview/key.ts";
import { keyOf } from "../../src/preview/key.ts";
import type { Phase, Preview } from "../../src/preview/preview.ts";
import type { PullRequest } from "../../src/preview/pull-request.ts";
import { outcomeOf } from "./contents.ts";
import type { Played } from "./play.ts";
import { meanings } from "./remarks.ts";
import type { ModelWorld } from "./world.ts";

const hourMs = 3_600_000;
/** What is older is delivered no more, and read no more by those who had been away for so long. */
export const memoryMs = 72 * hourMs;

/** What may stand at rest in the first line of a comment. */
const words: Partial<Record<Phase, RegExp>> = {
  Held: /· (held|stopped|removed for want of use) ·/,
  Waiting: /· waiting ·/,
  Ready: /· ready ·/,
  Failing: /· failing ·/,
  Failed: /· failed/,
  Asleep: /· asleep ·/,
};

/** Everything at rest that is not as it should be, as sentences. */
export async function untruths(world: ModelWorld, played: readonly Played[]): Promise<string[]> {
  const records = await world.records.list();
  const wrong: string[] = [];
  for (const { uid, name } of [...world.kubernetes.namespaces.values()].map((space) => ({
    uid: space.recordUid,
    name: space.name,
  }))) {
    if (!records.some((record) => record.uid === uid && record.status.namespace === name))
      wrong.push(`the namespace ${name} is left, and no record names it`);
  }
  for (const [account, namespace] of world.kubernetes.accounts) {
    if (!world.kubernetes.namespaces.has(namespace)) wrong.push(`the account ${account} is left without its namespace`);
  }
  wrong.push(...(await unanswered(world)));
  for (const pr of world.github.all()) {
    const of = played.find(({ key }) => sameKey(key, pr.key));
    const own = records.filter((record) => sameKey(keyOf(record), pr.key));
    const name = `PR #${pr.number} of ${pr.key.repository.id}`;
    if (of === undefined) throw new Error(`nobody has opened ${name}`);
    if (own.length > 1) wrong.push(`${name} has ${own.length} records`);
    const found =
      pr.state === "closed" ? await ofClosed(world, pr, own[0]) : await ofOpen(world, pr, own[0], of, records);
    wrong.push(...found.map((each) => `${name}: ${each}`));
  }
  return wrong;
}

/** What people wrote to us and nobody has answered. */
async function unanswered({ people, github, clock, wasStopped }: ModelWorld): Promise<string[]> {
  const wrong: string[] = [];
  for (const { key, id, remark, by, at: saidAt, heard } of people.spoken()) {
    // The sweep reads what is said under open pull requests, whoever was told of it.
    const isOpen = github.all().some((pr) => sameKey(pr.key, key) && pr.state === "open");
    const isOld = clock.steady().getTime() - saidAt.getTime() >= memoryMs;
    if ((!heard && !isOpen) || (isOld && (wasStopped() || !heard))) continue;
    const reactions = await github.reactions(key, id);
    const isAnswered = reactions.some((each) => each !== "eyes");
    if (meanings[remark].idle === true ? reactions.length > 0 : !isAnswered)
      wrong.push(
        `${by} wrote comment ${id}, \`${remark}\`, which has the reactions: ${reactions.join(", ") || "none"}`,
      );
  }
  return wrong;
}

async function ofClosed(world: ModelWorld, pr: PullRequest, record: Preview | undefined): Promise<string[]> {
  const wrong = record === undefined ? [] : [`is closed and still has its record, ${record.status.phase}`];
  const active = (await world.github.deployments(pr.key, environmentName(pr.number))).filter(
    ({ state }) => state !== "inactive",
  );
  if (active.length > 0 && !world.wasStopped()) wrong.push(`is closed and has ${active.length} active deployments`);
  const ours = await commentsOf(world, pr);
  if (ours.length > 1) wrong.push(`has ${ours.length} comments of ours`);
  const [body] = ours;
  if (body !== undefined && !headline(body).includes("· removed"))
    wrong.push(`is closed, and the comment says: ${headline(body)}`);
  return wrong;
}

async function ofOpen(
  world: ModelWorld,
  pr: PullRequest,
  record: Preview | undefined,
  { contents }: Played,
  records: readonly Preview[],
): Promise<string[]> {
  if (record === undefined) return ["is open and has no record"];
  const wrong: string[] = [];
  const { status, spec } = record;
  const space = status.namespace === undefined ? undefined : world.kubernetes.namespaces.get(status.namespace);
  const expect = (holds: boolean, sentence: string): void => {
    if (!holds) wrong.push(sentence);
  };
  const head = pr.head.sha;
  const short = head.slice(0, 7);
  expect(!record.deleting, "its record is still being deleted");
  expect(
    status.observedCommit === head,
    `its head is ${head.slice(0, 7)}, and the record has seen ${status.observedCommit?.slice(0, 7)}`,
  );

  const isFork = pr.head.repositoryId !== pr.key.repository.id;
  const isTrusted = !isFork && ["write", "maintain", "admin"].includes(pr.author.permission);
  const mayRun = isTrusted || spec.approvedCommit === head;
  const content = contents.get(head);
  if (content === undefined) throw new Error(`nobody has made ${head}`);
  // Whoever is not trusted runs by the configuration of the base branch, which has no mistake.
  const isMended = content === "has a mistake" && spec.approvedCommit === head && status.phase === "Ready";
  const outcome = outcomeOf[isMended ? "works" : content];
  const { phase } = status;
  const lastUse = Math.max(
    ...[record.createdAt, spec.calledAt, status.lastActivityAt, status.lastVisitAt, status.readyAt].map(
      (time) => Date.parse(time ?? "") || 0,
    ),
  );
  const now = world.clock.now().getTime();
  const isKept = spec.keep === true || Date.parse(spec.keepUntil ?? "") > now;
  const isIdle = now - lastUse >= 72 * hourMs;

  if (spec.want === "stopped" || !mayRun) {
    expect(phase === "Held", `must not run, and is ${phase}`);
  } else if (spec.want === "asleep" && phase === "Asleep") {
    expect(status.asleep !== undefined, "is asleep, and the record does not say since when");
  } else if (phase === "Held") {
    expect(
      isIdle && !isKept && world.rules.lifetime.afterwards === "remove",
      `is held without reason: ${status.reason}`,
    );
  } else if (phase === "Asleep") {
    const because = status.asleep?.because;
    expect(because === "room" || (because === "idle" && isIdle), `sleeps without reason (${because})`);
    expect((status.lastVisitAt ?? "") <= (status.asleep?.since ?? ""), "was visited and sleeps on");
  } else if (phase === "Waiting") {
    const taken = records.filter(
      (each) => each.status.namespace !== undefined && each.status.asleep === undefined,
    ).length;
    const { installation } = world.rules.limits.previews;
    expect(
      installation !== undefined && taken >= installation,
      `waits though there is room: ${status.reason} (${taken} of ${installation})`,
    );
    expect(status.place !== undefined, "waits without a place");
  } else {
    expect(
      phase === outcome.phase || (phase === "Failing" && outcome.phase === "Ready"),
      `${content}, and is ${phase} (${status.failure?.what ?? status.reason})`,
    );
  }

  if (["Ready", "Failing", "Failed"].includes(phase ?? ""))
    expect(spec.redo?.token === status.redone, "somebody asked for it once more, and nobody has begun");
  if (phase === "Held") expect(space === undefined, "is held, and its namespace is there");
  if (phase === "Held" || phase === "Waiting") expect((status.reason ?? "") !== "", `is ${phase} without a reason`);
  if (phase === "Held") expect((status.remedy ?? "") !== "", "is held without a remedy");
  if (phase === "Failed" || phase === "Failing") {
    const { failure } = status;
    expect(failure !== undefined && failure.what !== "" && failure.remedy !== "", `is ${phase} without an explanation`);
    if (outcome.phase === "Failed" && phase === "Failed")
      expect(failure?.code === outcome.code, `${content}, and the failure is ${failure?.code}: ${failure?.what}`);
  }
  if (phase === "Ready" || phase === "Failing") {
    expect(status.deployedCommit === head, "is ready, and the record says another commit is deployed");
    const objects = [...(space?.objects.values() ?? [])];
    for (const kind of ["Deployment/web", "Service/web", "CronJob/nightly"]) {
      const object = space?.objects.get(kind);
      expect(
        object?.metadata.annotations?.[annotations.commit] === head,
        `is ready, and ${kind} is of ${object?.metadata.annotations?.[annotations.commit]?.slice(0, 7) ?? "nowhere"}`,
      );
    }
    expect(
      space?.objects.get("Deployment/web") === undefined ||
        at(space.objects.get("Deployment/web"), "spec", "replicas") !== 0,
      "is ready, and its workloads sleep",
    );
    const history = [...(space?.releases.values() ?? [])].flat();
    expect(
      history.filter((release) => release.status === "deployed").length === 1,
      `has releases ${history.map((each) => each.status).join(", ")}`,
    );
    for (const image of imagesIn(objects))
      expect(world.small.registry.manifests.has(withoutTag(image)), `runs ${image}, which the registry does not have`);
  }
  if (phase === "Asleep")
    expect(
      (at(space?.objects.get("Deployment/web"), "spec", "replicas") ?? 0) === 0,
      "is asleep, and its workloads run",
    );

  wrong.push(...(await told(world, pr, record, short)));
  return wrong;
}

/** Whether GitHub shows what the record says. */
async function told(world: ModelWorld, pr: PullRequest, { name, status }: Preview, short: string): Promise<string[]> {
  const { phase, failure, reason } = status;
  const ours = await commentsOf(world, pr);
  const [body = ""] = ours;
  if (ours.length !== 1) return [`has ${ours.length} comments of ours`];
  const first = headline(body);
  const wrong: string[] = [];
  const word = phase === undefined ? undefined : words[phase];
  if (word?.test(first) !== true || !first.includes(`\`${short}\``))
    wrong.push(`is ${phase} at ${short}, and the comment says: ${first}`);
  if ((phase === "Ready" || phase === "Failing") && !first.includes(`https://${name}.preview.test`))
    wrong.push(`the comment has another address: ${first}`);
  if (!body.startsWith(commentMarker(pr.key.repository.id, pr.number))) wrong.push("the comment has no marker");
  if (
    (phase === "Failed" || phase === "Failing") &&
    failure !== undefined &&
    !body.includes(failure.remedy.slice(0, 12))
  )
    wrong.push("the comment does not say what to do");
  if (phase === "Held" && !plain(body).includes(plain(reason ?? "").slice(0, 30)))
    wrong.push(`the comment does not say why it is held (${reason}): ${body}`);
  if (/ghs_|token of|puller/.test(body)) wrong.push("the comment holds a secret");
  // GitHub knows no attempts: the one call that a worker had begun when it was stopped takes effect, however late. The
  // comment is put right by the next look; checks and deployments are when there is something new to tell.
  if (world.wasStopped()) return wrong;
  const checks = (await world.github.checks(pr.key, pr.head.sha)).map(({ report }) => report.conclusion);
  const conclusions: Partial<Record<Phase, string>> = { Ready: "success", Failed: "failure", Failing: "failure" };
  const conclusion = phase === undefined ? undefined : conclusions[phase];
  if (conclusion !== undefined && !checks.some((each) => each === conclusion))
    wrong.push(`is ${phase}, and its checks say ${checks.join(", ")}`);
  const active = (await world.github.deployments(pr.key, environmentName(pr.number))).filter(
    ({ state }) => state === "success",
  );
  if (phase === "Ready" && !active.some(({ commit }) => commit === pr.head.sha))
    wrong.push("is ready, and no deployment of its head is active");
  if (phase === "Held" && active.length > 0) wrong.push("is held, and a deployment is active");
  return wrong;
}

async function commentsOf(world: ModelWorld, { key }: PullRequest): Promise<string[]> {
  return (await world.github.comments(key))
    .filter((each) => each.ours)
    .map((each) => each.body)
    .filter(isPreviewComment);
}

/** Whether one of our comments tells of the preview, and is no answer. */
export function isPreviewComment(body: string): boolean {
  return !body.startsWith(answerMarker(0).replace(/ 0 .*/, " "));
}

function headline(body: string): string {
  return body.split("\n").find((line) => line.startsWith("**Preview**")) ?? body;
}

function plain(text: string): string {
  return text.toLowerCase().replace(/[^a-z0-9 ]/g, "");
}

function imagesIn(objects: readonly unknown[]): string[] {
  return [
    ...new Set(
      [...JSON.stringify(objects).matchAll(/"image":"(registry\.test[^"]*)"/g)].map((match) => match[1] ?? ""),
    ),
  ];
}

function withoutTag(image: string): string {
  return image.replace(/:[^:@/]*@/, "@");
}
