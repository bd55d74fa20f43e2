import {
  type Arbitrary,
  array,
  boolean,
  constant,
  constantFrom,
  integer,
  nat,
  noShrink,
  oneof,
  option,
  record,
  tuple,
} from "fast-check";
import type { Permission } from "../../src/preview/pull-request.ts";
import { type Content, contents } from "./contents.ts";
import { type System, systems } from "./faults.ts";
import { aTheme } from "./themes.ts";
import { type Remark, remarks, type Speaker, speakers } from "./remarks.ts";
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
  | { do: "say"; pr: number; by: Speaker; remark: Remark; webhook: Fortune }
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

const content = oneof({ arbitrary: constant<Content>("works"), weight: 4 }, constantFrom(...contents));
const webhook = oneof({ arbitrary: constant<Fortune>("arrives"), weight: 4 }, constantFrom(...fortunes));
const pr = nat({ max: 5 });
const permission = oneof(
  { arbitrary: constant<Permission>("write"), weight: 5 },
  constantFrom<Permission>("none", "read", "write", "admin"),
);
const hours = [1, 13, 25, 61, 73, 170];

const anAction: Arbitrary<Action> = oneof(
  {
    weight: 5,
    arbitrary: record({
      do: constant("open" as const),
      repository: nat({ max: 1 }),
      fork: oneof({ arbitrary: constant(false), weight: 6 }, boolean()),
      permission,
      content,
      webhook,
    }),
  },
  { weight: 7, arbitrary: record({ do: constant("push" as const), pr, content, webhook }) },
  { weight: 1, arbitrary: record({ do: constant("push back" as const), pr, webhook }) },
  {
    weight: 7,
    arbitrary: record({
      do: constantFrom(
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
  {
    weight: 8,
    arbitrary: record({
      do: constant("say" as const),
      pr,
      by: oneof({ arbitrary: constant<Speaker>("maintainer"), weight: 3 }, constantFrom(...speakers)),
      remark: constantFrom(...remarks),
      webhook,
    }),
  },
  { weight: 1, arbitrary: record({ do: constant("permission" as const), pr, permission }) },
  { weight: 1, arbitrary: record({ do: constant("rename" as const), repository: nat({ max: 1 }) }) },
  {
    weight: 2,
    arbitrary: record({
      do: constant("want" as const),
      pr,
      want: constantFrom("running" as const, "running" as const, "asleep" as const, "stopped" as const),
    }),
  },
  {
    weight: 6,
    arbitrary: record({
      do: constantFrom(
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
    arbitrary: record({
      do: constant("fault" as const),
      call: nat({ max: 997 }),
      moment: constantFrom<Moment>("before", "after"),
      does: constantFrom("fail" as const, "crash" as const, "crash" as const, "stop" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: record({
      do: constant("outage" as const),
      system: constantFrom(...systems),
      seconds: integer({ min: 1, max: 120 }),
    }),
  },
  {
    weight: 3,
    arbitrary: record({
      do: constantFrom("crash" as const, "stop" as const, "resume" as const, "resume" as const),
      worker: nat({ max: 2 }),
    }),
  },
  { weight: 3, arbitrary: record({ do: constantFrom("flush" as const, "sweep" as const, "sweep" as const) }) },
  {
    weight: 3,
    arbitrary: record({ do: constant("time passes" as const), seconds: integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 2,
    arbitrary: record({
      do: constant("time passes" as const),
      seconds: constantFrom(...hours).map((each) => each * 3_600),
    }),
  },
  {
    weight: 1,
    arbitrary: record({ do: constant("clock jumps" as const), seconds: integer({ min: -60, max: 60 }) }),
  },
);

/** Few turns, so that the next thing happens in the middle of the work; or as many as it takes. */
const turns = oneof(nat({ max: 12 }), nat({ max: 80 }), constant(400));

const someSteps = (maxLength: number) =>
  array(record({ action: anAction, turns }), { minLength: 1, maxLength, size: "max" });

const anOperator: Arbitrary<History["operator"]> = record({
  sleeps: boolean(),
  builds: option(integer({ min: 1, max: 2 }), { nil: undefined }),
  previews: option(integer({ min: 1, max: 3 }), { nil: undefined, freq: 2 }),
  makeRoom: boolean(),
  collects: boolean(),
});

const aSeed = noShrink(nat({ max: 0x7fff_ffff }));

/** Whatever comes, or a way to something rare and then whatever comes. */
export const aHistory: Arbitrary<History> = oneof(
  { weight: 1, arbitrary: record({ seed: aSeed, operator: anOperator, steps: someSteps(24) }) },
  {
    weight: 1,
    arbitrary: tuple(aSeed, anOperator, aTheme, someSteps(8)).map(([seed, operator, theme, after]) => ({
      seed,
      operator: { ...operator, ...theme.operator },
      steps: [...theme.steps, ...after],
    })),
  },
);
