import { z } from "zod";

/** Group, version and kind of the custom resource. */
export const previewApi = { group: "greenroom.dev", version: "v1alpha1", kind: "Preview", plural: "previews" } as const;

/** The record keeps its preview's objects in the cluster until this finalizer is taken off. */
export const previewFinalizer = "greenroom.dev/teardown";

export const phases = [
  "Held",
  "Waiting",
  "Building",
  "Deploying",
  "Ready",
  "Failing",
  "Asleep",
  "Failed",
  "Removing",
] as const;
export type Phase = (typeof phases)[number];

const sha = z.string().regex(/^[0-9a-f]{40}$/);
const timestamp = z.iso.datetime();

export const previewSpec = z.strictObject({
  repository: z.strictObject({
    id: z.int().positive(),
    nodeId: z.string().min(1).max(200),
    /** `owner/name` as last seen; for people, never used to find anything. */
    fullName: z.string().max(200),
  }),
  pullRequest: z.int().positive(),
  installation: z.int().positive(),
  /** What people asked for. */
  want: z.enum(["running", "asleep", "stopped"]),
  /** The only commit of a fork or stranger that may run. */
  approvedCommit: sha.optional(),
  /** Somebody asked to keep it at least until then, however idle it is. */
  keepUntil: timestamp.optional(),
  /** Somebody asked to keep it until the pull request is closed, however idle it is. */
  keep: z.literal(true).optional(),
  /** Somebody asked for it by command or approved it, so that it is there although nothing else asks for it. */
  requested: z.literal(true).optional(),
  /** Names draft state, labels and base branch for which the last look was over; others need another look. */
  traits: z.string().max(100).optional(),
  /** When somebody last asked for it to run. */
  calledAt: timestamp.optional(),
  /** Somebody asked to deploy the commit once more; done when the status names the same token. */
  redo: z.strictObject({ token: z.string().max(100) }).optional(),
  /** Somebody asked to build these images anew, or all; done when the status names the same token. */
  rebuild: z
    .strictObject({
      token: z.string().max(100),
      images: z.array(z.string().max(100)).max(50),
      /** Its volumes too, and all else that the namespace holds. */
      data: z.boolean(),
    })
    .optional(),
  /** Somebody asked to see this revision again; it holds as long as the head is this one. */
  pinned: z
    .strictObject({ release: z.string().max(53), revision: z.int().positive(), commit: sha, head: sha })
    .optional(),
  /** What people set, by the keys that greenroom.yaml declares. */
  overrides: z
    .array(z.strictObject({ key: z.string().max(60), text: z.string().max(500) }))
    .max(30)
    .optional(),
  /** The last comment with commands whose wishes are all written here, and what is shown beside it. */
  lastComment: z
    .strictObject({ id: z.int().positive(), createdAt: timestamp, done: z.enum(["rocket", "confused"]) })
    .optional(),
  /** Deliveries of buttons that were pressed on check runs, and whose wishes are all written here; the newest last. */
  presses: z.array(z.string().max(100)).max(20).optional(),
});
export type PreviewSpec = z.infer<typeof previewSpec>;
export type Pinned = NonNullable<PreviewSpec["pinned"]>;
export type Rebuild = NonNullable<PreviewSpec["rebuild"]>;

const failure = z.strictObject({
  kind: z.enum(["user", "operator", "transient", "bug"]),
  code: z.string().max(100),
  what: z.string().max(2_000),
  where: z.strictObject({ file: z.string().max(500), line: z.int().positive().optional() }).optional(),
  /** Further places that are at fault, each with what is wrong there. */
  others: z
    .array(
      z.strictObject({ file: z.string().max(500), line: z.int().positive().optional(), what: z.string().max(500) }),
    )
    .max(49)
    .optional(),
  remedy: z.string().max(2_000),
  evidence: z.string().max(4_000).optional(),
  retryAfterSeconds: z.number().min(0).optional(),
});

const imageStatus = z.strictObject({
  name: z.string().max(200),
  /** `registry/repository:tag`. */
  reference: z.string().max(600),
  digest: z
    .string()
    .regex(/^sha256:[0-9a-f]{64}$/)
    .optional(),
  outcome: z.enum(["pending", "building", "built", "reused", "failed", "cancelled"]),
  seconds: z.number().min(0).optional(),
});
export type ImageStatus = z.infer<typeof imageStatus>;

const stageStatus = z.strictObject({
  name: z.enum(["checkout", "build", "prepare", "render", "release", "start", "remove"]),
  seconds: z.number().min(0),
});
export type StageStatus = z.infer<typeof stageStatus>;

/** What a workload was scaled to before it was put to sleep; `suspended` stands for a CronJob that was not suspended. */
const sleepingWorkload = z.strictObject({
  kind: z.enum(["Deployment", "StatefulSet", "CronJob"]),
  name: z.string().max(253),
  replicas: z.int().min(0).optional(),
});
export type SleepingWorkload = z.infer<typeof sleepingWorkload>;

export const previewStatus = z.strictObject({
  phase: z.enum(phases).optional(),
  /** One line for people: why it is in this phase. */
  reason: z.string().max(500).optional(),
  /** What people can do about it, where there is something. */
  remedy: z.string().max(500).optional(),
  /** Held because operator or repository want no preview: whether one can be asked for, and whether that is not told. */
  unwanted: z.strictObject({ onRequest: z.boolean(), silent: z.boolean() }).optional(),
  /** The head commit that was looked at last, and the one that runs. */
  observedCommit: sha.optional(),
  deployedCommit: sha.optional(),
  /** The commit that was ready before the one that was looked at last. */
  previousCommit: sha.optional(),
  /** Hash of everything else a release was made of (base configuration, overrides); equal means nothing to do. */
  deployedInputs: z.string().max(100).optional(),
  /** `registry/repository:tag@digest` of what was ready last; it runs on while newer commits are built or fail. */
  deployedImages: z.array(z.string().max(700)).max(50).optional(),
  /** Exposed services, the first one being the preview's main address. */
  urls: z
    .array(
      z.strictObject({
        name: z.string().max(40),
        host: z.string().max(253),
        url: z.string().max(500),
        service: z.string().max(63),
        port: z.int().min(1).max(65_535),
      }),
    )
    .max(20)
    .optional(),
  namespace: z.string().max(63).optional(),
  release: z.strictObject({ name: z.string().max(53), revision: z.int().positive() }).optional(),
  /** Those revisions that were ready, oldest first, as far as Helm keeps them. */
  revisions: z
    .array(z.strictObject({ release: z.string().max(53), revision: z.int().positive(), commit: sha }))
    .max(10)
    .optional(),
  images: z.array(imageStatus).max(50).optional(),
  stages: z.array(stageStatus).max(20).optional(),
  /** What people may set, as greenroom.yaml declared it when it was read last. */
  declared: z
    .array(
      z.strictObject({
        key: z.string().max(60),
        type: z.enum(["string", "number", "boolean"]),
        default: z.string().max(200),
        values: z.array(z.string().max(200)).max(20).optional(),
      }),
    )
    .max(30)
    .optional(),
  /** Notices for the comment: what was left out or changed while deploying. */
  notices: z.array(z.string().max(500)).max(20).optional(),
  failure: failure.optional(),
  comment: z.int().positive().optional(),
  check: z.int().positive().optional(),
  /** What the check run said last, and of which commit. */
  checked: z.strictObject({ commit: sha, status: z.enum(["queued", "in_progress", "completed"]) }).optional(),
  deployment: z.int().positive().optional(),
  /** Token of the last request to deploy once more that was begun. */
  redone: z.string().max(100).optional(),
  /** Token of the last request to build anew that came to an end, and of the one for which everything was deleted. */
  rebuilt: z.string().max(100).optional(),
  emptied: z.string().max(100).optional(),
  /** Hash of what GitHub was last told for good; differs from the present one where telling failed. */
  reported: z.string().max(100).optional(),
  /** Number of the attempt that owns the preview; grows by one each time a worker takes over. */
  attempt: z.int().min(0).optional(),
  /** Number of the last attempt that has ended by itself, after which it says nothing more on GitHub. */
  ended: z.int().min(0).optional(),
  /** When an attempt last took over from one that had not ended, and may say something yet. */
  overtakenAt: timestamp.optional(),
  /** Transient failures in a row. */
  retries: z.int().min(0).optional(),
  startedAt: timestamp.optional(),
  readyAt: timestamp.optional(),
  /** Last push or command. */
  lastActivityAt: timestamp.optional(),
  /** Last request that the gateway saw, to within some minutes. */
  lastVisitAt: timestamp.optional(),
  /** When it goes unless something happens before; and for which such time the comment has warned. */
  expiresAt: timestamp.optional(),
  warnedFor: timestamp.optional(),
  /** Since when it waits for a free place, and how many are before it, counted from 1. */
  waitingSince: timestamp.optional(),
  place: z.int().positive().optional(),
  /** The place that the comment says. */
  toldPlace: z.int().positive().optional(),
  /** Since when it has had its place among those that are built or deployed now. */
  startedWorkAt: timestamp.optional(),
  asleep: z
    .strictObject({
      since: timestamp,
      because: z.enum(["asked", "idle", "room"]),
      workloads: z.array(sleepingWorkload).max(200),
    })
    .optional(),
});
export type PreviewStatus = z.infer<typeof previewStatus>;
export type Revision = NonNullable<PreviewStatus["revisions"]>[number];

/** The record. `name` is unique in the cluster and is also the first label of the preview's host name. */
export type Preview = {
  name: string;
  uid: string;
  resourceVersion: string;
  createdAt: string;
  /** Someone deleted the record; its teardown is due. */
  deleting: boolean;
  spec: PreviewSpec;
  status: PreviewStatus;
};
