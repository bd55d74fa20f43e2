import { z } from "zod";

const milliseconds = z.int().min(0).max(600_000);
const fullName = z.string().regex(/^[^/\s]+\/[^/\s]+$/, "a repository is written owner/name");

/** How often a rule strikes among what it fits; always, where nothing is said. */
const when = z
  .strictObject({
    /** Only the next so many. */
    next: z.int().min(1).optional(),
    /** Every so manieth. */
    every: z.int().min(1).optional(),
    /** By chance, from 0 to 1; the same seed gives the same chances. */
    probability: z.number().min(0).max(1).optional(),
    seed: z.int().min(0).optional(),
    /** Lets so many pass first. */
    skip: z.int().min(0).optional(),
  })
  .refine(
    ({ next, every, probability }) => [next, every, probability].filter((each) => each !== undefined).length <= 1,
    "of next, every and probability only one can be said",
  )
  .refine(({ probability, seed }) => (probability === undefined) === (seed === undefined), {
    message: "probability and seed go together",
  });

/** Whether the fault comes before the request is worked on, or only its answer is affected. */
const hits = z.enum(["request", "answer"]).default("request");

export const surfaces = ["rest", "graphql", "git", "token"] as const;

const requestRule = z.strictObject({
  on: z.literal("request"),
  match: z
    .strictObject({
      surface: z.enum(surfaces).optional(),
      method: z.enum(["GET", "POST", "PUT", "PATCH", "DELETE"]).optional(),
      /** Without /api/v3; `*` stands for one segment, `**` for any number. */
      path: z.string().startsWith("/").optional(),
      repository: fullName.optional(),
      by: z.enum(["anonymous", "app", "installation", "user"]).optional(),
    })
    .default({}),
  when: when.default({}),
  effect: z.discriminatedUnion("do", [
    z.strictObject({ do: z.literal("delay"), milliseconds, hits }),
    z.strictObject({ do: z.literal("fail"), status: z.literal([500, 502, 503]), hits }),
    z.strictObject({ do: z.literal("drop"), hits }),
    z.strictObject({ do: z.literal("hang"), hits }),
    z.strictObject({ do: z.literal("malform") }),
    z.strictObject({
      do: z.literal("secondary-limit"),
      status: z.literal([403, 429]).default(403),
      /** Seconds; null: GitHub does not say. */
      retryAfter: z.int().min(0).nullable().default(60),
    }),
    z.strictObject({
      do: z.literal("primary-limit"),
      status: z.literal([403, 429]).default(403),
      /** Seconds until the limit is lifted, as x-ratelimit-reset says it. */
      resetIn: z.int().min(0).default(3600),
    }),
  ]),
});

const webhookRule = z.strictObject({
  on: z.literal("webhook"),
  match: z
    .strictObject({
      event: z.string().min(1).optional(),
      action: z.string().min(1).optional(),
      repository: fullName.optional(),
      redelivery: z.boolean().optional(),
    })
    .default({}),
  when: when.default({}),
  effect: z.discriminatedUnion("do", [
    /** Nobody is told; a failed delivery is what remains. */
    z.strictObject({ do: z.literal("drop") }),
    /** So many more of the same guid, one after the other. */
    z.strictObject({ do: z.literal("duplicate"), times: z.int().min(1).max(100) }),
    /** Until so many later deliveries of the same repository are over. */
    z.strictObject({
      do: z.literal("hold"),
      deliveries: z.int().min(1).default(1),
      until: z.strictObject({ event: z.string().min(1).optional(), action: z.string().min(1).optional() }).default({}),
    }),
    z.strictObject({ do: z.literal("delay"), milliseconds }),
  ]),
});

/** What a test asks to go wrong. What is not named here is refused. */
export const faultRule = z.discriminatedUnion("on", [requestRule, webhookRule]);

export type FaultRule = z.infer<typeof faultRule>;
export type RequestRule = z.infer<typeof requestRule>;
export type WebhookRule = z.infer<typeof webhookRule>;
export type RequestEffect = RequestRule["effect"];
export type WebhookEffect = WebhookRule["effect"];
export type Surface = (typeof surfaces)[number];
export type When = FaultRule["when"];
