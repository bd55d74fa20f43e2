import fc from "fast-check";
import type { Permission } from "../../src/preview/pull-request.ts";
import { type Content, contents } from "./contents.ts";
import { type System, systems } from "./faults.ts";
import type { Moment } from "./turns.ts";

/** What becomes of the webhook that tells of a change. `refused`: GitHub knows that it did not arrive. */
export const fortunes = ["arrives", "is refused", "vanishes", "comes twice", "comes late"] as const;
export type Fortune = (typeof fortunes)[number];

/** One thing that people, the world or bad luck do. Numbers choose among what there is at that time. */
export type Action =
  | { do: "open"; repository: number; fork: boolean; permission: Permission; content: Content; webhook: Fortune }
  | { do: "push"; pr: number; content: Content; webhook: Fortune }
  | { do: "push back"; pr: number; webhook: Fortune }
  | { do: "close" | "merge" | "reopen" | "label" | "draft"; pr: number; webhook: Fortune }
  | { do: "permission"; pr: number; permission: Permission }
  | { do: "rename"; repository: number }
  | { do: "want"; pr: number; want: "running" | "asleep" | "stopped" }
  | { do: "delete record" | "delete namespace" | "delete comment" | "visit" | "crash pod"; pr: number }
  | { do: "fault"; call: number | string; moment: Moment; does: "fail" | "crash" | "stop" }
  | { do: "outage"; system: System; seconds: number }
  | { do: "crash" | "stop" | "resume"; worker: number }
  | { do: "flush" | "sweep" }
  | { do: "time passes"; seconds: number }
  | { do: "clock jumps"; seconds: number };

/** An action and how many turns the workers get before the next. */
export type Step = { action: Action; turns: number };

export type History = {
  seed: number;
  /** What the operator allows. */
  operator: {
    sleeps: boolean;
    builds: number | undefined;
    previews: number | undefined;
    makeRoom: boolean;
    collects: boolean;
  };
  steps: Step[];
};

const content = fc.oneof({ arbitrary: fc.constant<Content>("works"), weight: 4 }, fc.constantFrom(...contents));
const webhook = fc.oneof({ arbitrary: fc.constant<Fortune>("arrives"), weight: 4 }, fc.constantFrom(...fortunes));
const pr = fc.nat({ max: 5 });
const permission = fc.oneof(
  { arbitrary: fc.constant<Permission>("write"), weight: 5 },
  fc.constantFrom<Permission>("none", "read", "write", "admin"),
);
const hours = [1, 13, 25, 61, 73, 170];

const anAction: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("open" as const),
      repository: fc.nat({ max: 1 }),
      fork: fc.oneof({ arbitrary: fc.constant(false), weight: 6 }, fc.boolean()),
      permission,
      content,
      webhook,
    }),
  },
  { weight: 7, arbitrary: fc.record({ do: fc.constant("push" as const), pr, content, webhook }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("push back" as const), pr, webhook }) },
  {
    weight: 7,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "close" as const,
        "close" as const,
        "merge" as const,
        "reopen" as const,
        "reopen" as const,
        "label" as const,
        "draft" as const,
      ),
      pr,
      webhook,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("permission" as const), pr, permission }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rename" as const), repository: fc.nat({ max: 1 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("want" as const),
      pr,
      want: fc.constantFrom("running" as const, "running" as const, "asleep" as const, "stopped" as const),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constantFrom(
        "delete record" as const,
        "delete namespace" as const,
        "delete comment" as const,
        "visit" as const,
        "visit" as const,
        "crash pod" as const,
      ),
      pr,
    }),
  },
  {
    weight: 16,
    arbitrary: fc.record({
      do: fc.constant("fault" as const),
      call: fc.nat({ max: 997 }),
      moment: fc.constantFrom<Moment>("before", "after"),
      does: fc.constantFrom("fail" as const, "crash" as const, "crash" as const, "stop" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("outage" as const),
      system: fc.constantFrom(...systems),
      seconds: fc.integer({ min: 1, max: 120 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom("crash" as const, "stop" as const, "resume" as const, "resume" as const),
      worker: fc.nat({ max: 2 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom("flush" as const, "sweep" as const, "sweep" as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("time passes" as const), seconds: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("time passes" as const),
      seconds: fc.constantFrom(...hours).map((each) => each * 3_600),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("clock jumps" as const), seconds: fc.integer({ min: -60, max: 60 }) }),
  },
);

/** Few turns, so that the next thing happens in the middle of the work; or as many as it takes. */
const turns = fc.oneof(fc.nat({ max: 12 }), fc.nat({ max: 80 }), fc.constant(400));

/** Ways to come to calls that are rare otherwise: what has to happen, and which calls it comes to. */
const themes: readonly { calls: readonly string[]; actions: readonly Action[] }[] = [
  {
    calls: ["cluster.sleep", "cluster.wake", "cluster.sleep", "queue.enqueue"],
    actions: [
      { do: "reopen", pr: 0, webhook: "arrives" },
      { do: "want", pr: 0, want: "asleep" },
      { do: "time passes", seconds: 120 },
      { do: "visit", pr: 0 },
      { do: "time passes", seconds: 60 },
    ],
  },
  {
    calls: [
      "registry.delete",
      "builder.build",
      "ledger.repositories",
      "ledger.read",
      "ledger.update",
      "records.listFresh",
    ],
    actions: [
      { do: "push", pr: 0, content: "works, new image", webhook: "arrives" },
      { do: "time passes", seconds: 60 },
      { do: "push", pr: 0, content: "works", webhook: "arrives" },
      { do: "time passes", seconds: 30 * 3_600 },
      { do: "sweep" },
      { do: "time passes", seconds: 200 },
    ],
  },
  {
    calls: [
      "deliveries.troubled",
      "deliveries.redeliver",
      "installations.openPullRequests",
      "records.list",
      "queue.enqueue",
    ],
    actions: [
      { do: "push", pr: 0, content: "works", webhook: "is refused" },
      { do: "sweep" },
      { do: "time passes", seconds: 60 },
    ],
  },
  {
    calls: ["leftovers.list", "cluster.remove", "records.remove", "pullRequests.retireDeployments"],
    actions: [
      { do: "close", pr: 0, webhook: "arrives" },
      { do: "time passes", seconds: 30 },
      { do: "sweep" },
      { do: "time passes", seconds: 60 },
    ],
  },
  {
    calls: ["records.amend", "records.report", "cluster.logTail", "cluster.observe"],
    actions: [
      { do: "rename", repository: 0 },
      { do: "crash pod", pr: 0 },
      { do: "time passes", seconds: 60 },
    ],
  },
];

/** One of the themes, with a crash at one of its calls. */
const aTheme: fc.Arbitrary<Step[]> = fc
  .record({
    theme: fc.constantFrom(...themes),
    call: fc.nat({ max: 59 }),
    moment: fc.constantFrom<Moment>("before", "after"),
  })
  .map(({ theme, call, moment }) => {
    const name = theme.calls[call % theme.calls.length] ?? "";
    const fault: Action = { do: "fault", call: name, moment, does: "crash" };
    return [fault, ...theme.actions].map((action) => ({ action, turns: 80 }));
  });

const someSteps = (maxLength: number) =>
  fc.array(fc.record({ action: anAction, turns }), { minLength: 1, maxLength, size: "max" });

export const aHistory: fc.Arbitrary<History> = fc.record({
  seed: fc.noShrink(fc.nat({ max: 0x7fff_ffff })),
  operator: fc.record({
    sleeps: fc.boolean(),
    builds: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
    previews: fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined, freq: 2 }),
    makeRoom: fc.boolean(),
    collects: fc.boolean(),
  }),
  steps: fc.oneof(
    { weight: 2, arbitrary: someSteps(24) },
    { weight: 1, arbitrary: fc.tuple(aTheme, someSteps(8)).map(([theme, after]) => [...theme, ...after]) },
  ),
});
