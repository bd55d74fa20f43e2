import { z } from "zod";
import type { PreviewKey } from "../../preview/key.ts";
import { type Permission, type PullRequest, permissions } from "../../preview/pull-request.ts";
import { configFiles } from "../../project/config.ts";
import type { ConfigFile } from "../../project/read-policy.ts";

/** Our comment begins with this, whatever follows; only comments of our own are asked. */
export const commentMarker = "<!-- greenroom:preview";

/** Most collaborators that are read along; where there are more, the author is asked for by name. */
const collaboratorsRead = 100;

const [rootFile, hiddenFile] = configFiles;
/** Of either place where the configuration may stand. */
const configOf = (fields: string) => `
  ... on Commit {
    root: file(path: "${rootFile}") { ${fields} }
    hidden: file(path: "${hiddenFile}") { ${fields} }
  }`;

/**
 * Everything about a pull request in one query. Comments are read from both ends, because ours is one of the first,
 * unless it was written late. `$login` picks the author out of the collaborators once their name is known.
 */
export const pullRequestQuery = `
query ($repository: ID!, $number: Int!, $login: String) {
  node(id: $repository) {
    ... on Repository {
      databaseId
      name
      isPrivate
      owner { login }
      defaultBranchRef { name }
      collaborators(first: ${collaboratorsRead}, login: $login) {
        totalCount
        edges { permission node { login } }
      }
      pullRequest(number: $number) {
        title
        url
        state
        merged
        isDraft
        author { kind: __typename login }
        headRefOid
        headRefName
        headRepository { databaseId }
        baseRefOid
        baseRefName
        baseRef { target { ${configOf("object { ... on Blob { text isTruncated } }")} } }
        headRef { target { ${configOf("type")} } }
        labels(first: 100) { nodes { name } }
        first: comments(first: 20) { nodes { fullDatabaseId body viewerDidAuthor } }
        last: comments(last: 30) { totalCount nodes { fullDatabaseId body viewerDidAuthor } }
      }
    }
  }
}`;

const comments = z.object({
  totalCount: z.int().optional(),
  nodes: z.array(
    z
      .object({
        fullDatabaseId: z.union([z.string(), z.number(), z.bigint()]).transform(Number).nullable(),
        body: z.string(),
        viewerDidAuthor: z.boolean(),
      })
      .nullable(),
  ),
});

/** Nothing where there is no such branch, or none that the app may see. */
const branch = <T extends z.ZodType>(file: T) =>
  z
    .object({
      target: z.object({ root: file.nullish(), hidden: file.nullish() }).nullish(),
    })
    .nullish()
    .transform((ref) => ref?.target ?? undefined);

const baseFile = z.object({
  object: z.object({ text: z.string().nullish(), isTruncated: z.boolean().optional() }).nullish(),
});

const seenRepository = z.object({
  databaseId: z.int(),
  name: z.string(),
  isPrivate: z.boolean(),
  owner: z.object({ login: z.string() }),
  defaultBranchRef: z.object({ name: z.string() }).nullish(),
  collaborators: z
    .object({
      totalCount: z.int(),
      edges: z.array(z.object({ permission: z.string(), node: z.object({ login: z.string() }) }).nullable()).nullable(),
    })
    .nullish(),
  pullRequest: z
    .object({
      title: z.string(),
      url: z.string(),
      state: z.enum(["OPEN", "CLOSED", "MERGED"]),
      merged: z.boolean(),
      isDraft: z.boolean(),
      author: z.object({ kind: z.string(), login: z.string() }).nullable(),
      headRefOid: z.string(),
      headRefName: z.string(),
      headRepository: z.object({ databaseId: z.int() }).nullable(),
      baseRefOid: z.string(),
      baseRefName: z.string(),
      baseRef: branch(baseFile),
      headRef: branch(z.object({ type: z.string() })),
      labels: z.object({ nodes: z.array(z.object({ name: z.string() }).nullable()) }).nullable(),
      first: comments,
      last: comments,
    })
    .nullish(),
});

/** What the query answered: data is partial where it could not answer everything. */
export type Answer = z.infer<typeof answer>;
const nothing = z.union([z.strictObject({}), z.null()]).transform(() => null);
const answer = z.object({ node: z.union([seenRepository, nothing]).optional() }).nullable();

export function readAnswer(data: unknown): Answer {
  return answer.parse(data);
}

/** A pull request as seen, whose author's permission is undefined where the answer did not tell it. */
export type Seen = Omit<PullRequest, "author"> & {
  author: { login: string; bot: boolean; permission: Permission | undefined };
  /** Comments between those at both ends, which the query does not come to. */
  unreadComments: number;
};

/** Turns the answer into a pull request; `gone` where it, its repository or our access is no more. */
export function seen(key: PreviewKey, data: Answer, commentId: number | undefined): Seen | "gone" {
  const repository = data?.node;
  if (repository === undefined || repository === null) return "gone";
  const pr = repository.pullRequest;
  if (pr === undefined || pr === null || repository.databaseId !== key.repository.id) return "gone";
  const ours = [...pr.first.nodes, ...pr.last.nodes].filter((each) => each?.viewerDidAuthor === true);
  const marked = ours.filter((each) => each?.body.startsWith(commentMarker) === true);
  const comment = ours.find((each) => each?.fullDatabaseId === commentId) ?? marked[0];
  const strays = marked.flatMap((each) => each?.fullDatabaseId ?? []).filter((id) => id !== comment?.fullDatabaseId);
  return {
    key,
    owner: repository.owner.login,
    repository: repository.name,
    number: key.number,
    title: pr.title,
    url: pr.url,
    state: pr.state === "OPEN" ? "open" : "closed",
    merged: pr.merged,
    draft: pr.isDraft,
    labels: (pr.labels?.nodes ?? []).flatMap((label) => (label === null ? [] : [label.name])),
    author: authorOf(repository, pr.author),
    head: {
      sha: pr.headRefOid,
      ref: pr.headRefName,
      ...(pr.headRepository === null ? {} : { repositoryId: pr.headRepository.databaseId }),
      ...(isConfigured(pr) && pr.headRepository?.databaseId === repository.databaseId && { configured: true as const }),
    },
    base: { sha: pr.baseRefOid, ref: pr.baseRefName, ...configured(pr) },
    defaultBranch: repository.defaultBranchRef?.name ?? pr.baseRefName,
    ...(comment === undefined || comment === null || comment.fullDatabaseId === null
      ? {}
      : { comment: { id: comment.fullDatabaseId, body: comment.body } }),
    ...(strays.length === 0 ? {} : { strayComments: [...new Set(strays)] }),
    unreadComments: Math.max(0, (pr.last.totalCount ?? 0) - pr.first.nodes.length - pr.last.nodes.length),
  };
}

type Repository = z.infer<typeof seenRepository>;
type SeenPullRequest = NonNullable<Repository["pullRequest"]>;

/** Where both files are there the first is read, as in a checkout. */
function configured({ baseRef }: SeenPullRequest): { config?: ConfigFile } {
  const file = baseRef?.root ?? baseRef?.hidden ?? undefined;
  if (file === undefined) return {};
  const { text, isTruncated } = file.object ?? {};
  const isWhole = typeof text === "string" && isTruncated !== true;
  const name = file === baseRef?.root ? rootFile : hiddenFile;
  return { config: { file: name, text: isWhole ? text : undefined } };
}

function isConfigured({ headRef }: SeenPullRequest): boolean {
  return (headRef?.root ?? headRef?.hidden ?? undefined) !== undefined;
}

function authorOf(repository: Repository, author: { kind: string; login: string } | null): Seen["author"] {
  // GitHub shows a deleted account as nobody.
  if (author === null) return { login: "ghost", bot: false, permission: "none" };
  const bot = author.kind === "Bot";
  if (bot) return { login: author.login, bot, permission: "none" };
  const told = repository.collaborators;
  if (told === undefined || told === null) return { login: author.login, bot, permission: undefined };
  const edge = told.edges?.find((each) => each?.node.login.toLowerCase() === author.login.toLowerCase());
  if (edge !== undefined && edge !== null) {
    return { login: author.login, bot, permission: permissionOf(edge.permission) };
  }
  if (told.totalCount > collaboratorsRead) return { login: author.login, bot, permission: undefined };
  return { login: author.login, bot, permission: repository.isPrivate ? "none" : "read" };
}

/** A permission by any of GitHub's spellings; what it will be called one day counts as none. */
export function permissionOf(name: string): Permission {
  return permissions.find((known) => known === name.toLowerCase()) ?? "none";
}
