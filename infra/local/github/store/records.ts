/** What the stand-in remembers. Plain data: everything here is written to JSON as it is. */

export type Role = "read" | "triage" | "write" | "maintain" | "admin";
export type AccessLevel = "read" | "write";
/** GitHub App permissions by their REST names, for example `{ pull_requests: "write" }`. */
export type Permissions = Readonly<Record<string, AccessLevel>>;

export interface UserRecord {
  readonly id: number;
  readonly login: string;
  readonly name: string;
  readonly type: "User" | "Bot";
  /** A personal access token. The app's own bot has none: it acts with installation tokens. */
  readonly token: string | undefined;
  readonly createdAt: string;
}

export interface AppRecord {
  readonly id: number;
  readonly slug: string;
  readonly name: string;
  readonly clientId: string;
  readonly ownerId: number;
  readonly botId: number;
  readonly webhookSecret: string;
  readonly createdAt: string;
  permissions: Permissions;
  events: readonly string[];
}

export interface InstallationRecord {
  readonly id: number;
  readonly accountId: number;
  readonly createdAt: string;
  updatedAt: string;
  repositoryIds: number[];
  /** Absent: it is not. */
  suspended?: { readonly at: string; readonly byId: number } | undefined;
}

export interface InstallationTokenRecord {
  /** SHA-256 of the token: the token itself is told once and never kept. */
  readonly digest: string;
  readonly installationId: number;
  readonly permissions: Permissions;
  /** Absent: every repository of the installation. */
  readonly repositoryIds: readonly number[] | undefined;
  readonly expiresAt: string;
}

export interface LabelRecord {
  readonly id: number;
  name: string;
  color: string;
  description: string | null;
}

export interface ReactionRecord {
  readonly id: number;
  readonly userId: number;
  readonly content: ReactionContent;
  readonly createdAt: string;
}

export const reactionContents = ["+1", "-1", "laugh", "hooray", "confused", "heart", "rocket", "eyes"] as const;
export type ReactionContent = (typeof reactionContents)[number];

export interface CommentRecord {
  readonly id: number;
  readonly authorId: number;
  readonly createdAt: string;
  body: string;
  updatedAt: string;
  reactions: ReactionRecord[];
}

interface ThreadRecordBase {
  /** The issue's id; a pull request has this one beside its own. */
  readonly id: number;
  readonly number: number;
  readonly authorId: number;
  readonly createdAt: string;
  title: string;
  body: string | null;
  state: "open" | "closed";
  updatedAt: string;
  closedAt: string | null;
  closedById: number | null;
  labelIds: number[];
  comments: CommentRecord[];
  reactions: ReactionRecord[];
}

export interface IssueRecord extends ThreadRecordBase {
  readonly kind: "issue";
}

export interface PullRequestRecord extends ThreadRecordBase {
  readonly kind: "pull";
  readonly pullId: number;
  draft: boolean;
  head: {
    /** Null once the fork it came from is deleted. */
    repositoryId: number | null;
    readonly ownerId: number;
    ref: string;
    sha: string;
  };
  base: { ref: string; sha: string };
  /** The outcome of the test merge; null while nobody has tried. */
  mergeable: boolean | null;
  /** The test merge's commit while open, the merge's commit once merged. */
  mergeCommitSha: string | null;
  mergedAt: string | null;
  mergedById: number | null;
  /** Measured by git whenever head or base changed. */
  size: { additions: number; deletions: number; changedFiles: number; commits: number };
}

/** What carries a number, comments and labels: an issue or a pull request. */
export type ThreadRecord = IssueRecord | PullRequestRecord;

export interface CheckAnnotationRecord {
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
  readonly start_column: number | null;
  readonly end_column: number | null;
  readonly annotation_level: "notice" | "warning" | "failure";
  readonly message: string;
  readonly title: string | null;
  readonly raw_details: string | null;
}

export interface CheckActionRecord {
  readonly label: string;
  readonly description: string;
  readonly identifier: string;
}

export type CheckStatus = "queued" | "in_progress" | "completed" | "waiting" | "requested" | "pending";

export interface CheckRunRecord {
  readonly id: number;
  readonly suiteId: number;
  readonly headSha: string;
  readonly createdAt: string;
  name: string;
  status: CheckStatus;
  conclusion: string | null;
  externalId: string | null;
  detailsUrl: string | null;
  startedAt: string | null;
  completedAt: string | null;
  output: { title: string | null; summary: string | null; text: string | null };
  annotations: CheckAnnotationRecord[];
  /** The buttons shown on the pull request once the run is completed. */
  actions: CheckActionRecord[];
}

export const deploymentStates = [
  "error",
  "failure",
  "inactive",
  "in_progress",
  "queued",
  "pending",
  "success",
] as const;
export type DeploymentState = (typeof deploymentStates)[number];

export interface DeploymentStatusRecord {
  readonly id: number;
  readonly state: DeploymentState;
  readonly creatorId: number;
  readonly description: string;
  readonly environment: string;
  readonly environmentUrl: string;
  readonly logUrl: string;
  readonly createdAt: string;
}

export interface DeploymentRecord {
  readonly id: number;
  readonly sha: string;
  readonly ref: string;
  readonly task: string;
  readonly payload: unknown;
  readonly originalEnvironment: string;
  readonly creatorId: number;
  readonly description: string | null;
  readonly transientEnvironment: boolean;
  readonly productionEnvironment: boolean;
  readonly createdAt: string;
  environment: string;
  updatedAt: string;
  statuses: DeploymentStatusRecord[];
}

export interface RepositoryRecord {
  readonly id: number;
  readonly ownerId: number;
  readonly createdAt: string;
  /** The repository this one was forked from. */
  readonly parentId: number | null;
  name: string;
  private: boolean;
  description: string | null;
  defaultBranch: string;
  updatedAt: string;
  pushedAt: string;
  /** Roles by user id; the owner is an administrator without being listed. */
  collaborators: Record<string, Role>;
  nextNumber: number;
  labels: LabelRecord[];
  threads: ThreadRecord[];
  checkRuns: CheckRunRecord[];
  deployments: DeploymentRecord[];
  /** Every name a deployment used stays as an environment, also when its deployments are gone. */
  environments: string[];
}

export interface Directory {
  nextId: number;
  readonly app: AppRecord;
  users: UserRecord[];
  installations: InstallationRecord[];
  installationTokens: InstallationTokenRecord[];
  /** Former "owner/name" of renamed repositories, lower case, to the id that answers now. */
  formerNames: Record<string, number>;
}
