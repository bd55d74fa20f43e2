import { type Arbitrary, constantFrom, record } from "fast-check";
import type { Action, History, Step } from "./history.ts";
import type { Moment } from "./turns.ts";

/** A way to come to calls that are rare otherwise: what has to happen, and which calls it comes to. */
type Theme = { calls: readonly string[]; operator?: Partial<History["operator"]>; actions: readonly Action[] };

const arrives = { webhook: "arrives" } as const;
const after = (seconds: number): Action => ({ do: "time passes", seconds });

/** Enough for a worker to crash in each but the last. */
const sweeps: readonly Action[] = Array.from({ length: 5 }, (): Action[] => [{ do: "sweep" }, after(40)]).flat();

const themes: readonly Theme[] = [
  {
    calls: ["cluster.sleep", "cluster.wake", "queue.enqueue", "records.listCaughtUp"],
    actions: [
      { do: "reopen", pr: 0, ...arrives },
      { do: "want", pr: 0, want: "asleep" },
      after(120),
      { do: "visit", pr: 0 },
      after(60),
    ],
  },
  {
    calls: ["registry.delete", "ledger.update", "records.listFresh", "ledger.repositories", "ledger.read"],
    operator: { collects: true, previews: undefined },
    actions: [
      { do: "push", pr: 0, content: "works, new image", ...arrives },
      after(60),
      { do: "push", pr: 0, content: "works", ...arrives },
      after(30 * 3_600),
      ...sweeps,
    ],
  },
  {
    calls: ["records.ensure", "records.claim", "records.report", "cluster.prepare", "cluster.takeOver"],
    actions: [{ do: "open", repository: 1, fork: false, permission: "write", content: "works", ...arrives }, after(90)],
  },
  {
    calls: ["pullRequests.read", "pullRequests.check", "pullRequests.comment", "pullRequests.deployment"],
    actions: [{ do: "push", pr: 0, content: "works", ...arrives }, after(90)],
  },
  {
    calls: [
      "releases.render",
      "releases.state",
      "releases.release",
      "queue.enqueue",
      "records.find",
      "checkouts.fetch",
    ],
    actions: [{ do: "push", pr: 0, content: "works", ...arrives }, after(90)],
  },
  {
    calls: ["builder.build", "registry.digest", "registry.pullSecret", "pullRequests.gitAccess"],
    actions: [
      after(30),
      { do: "push", pr: 0, content: "works, new image", ...arrives },
      after(60),
      { do: "push", pr: 0, content: "does not build", ...arrives },
      after(60),
    ],
  },
  {
    calls: [
      "deliveries.redeliver",
      "queue.enqueue",
      "installations.openPullRequests",
      "installations.comments",
      "deliveries.troubled",
      "records.list",
    ],
    actions: [{ do: "push", pr: 0, content: "works", webhook: "is refused" }, ...sweeps],
  },
  {
    calls: ["leftovers.list", "cluster.remove", "records.remove", "pullRequests.retireDeployments"],
    actions: [{ do: "close", pr: 0, ...arrives }, after(30), ...sweeps],
  },
  {
    calls: ["records.amend", "cluster.logTail", "cluster.observe"],
    actions: [after(30), { do: "rename", repository: 0 }, { do: "crash pod", pr: 0 }, after(60)],
  },
  {
    calls: [
      "queue.announce",
      "conversation.since",
      "conversation.permission",
      "queue.announce",
      "conversation.react",
      "records.amend",
    ],
    actions: [
      after(30),
      { do: "say", pr: 0, by: "maintainer", remark: "extend", ...arrives },
      after(10),
      { do: "say", pr: 0, by: "maintainer", remark: "stop", ...arrives },
      after(10),
      { do: "say", pr: 0, by: "author", remark: "deploy", ...arrives },
      after(60),
      { do: "say", pr: 0, by: "maintainer", remark: "sleep", ...arrives },
      after(10),
    ],
  },
  {
    calls: ["conversation.find", "conversation.answer", "conversation.permission", "records.amend", "releases.release"],
    actions: [
      { do: "open", repository: 0, fork: true, permission: "read", content: "works", ...arrives },
      after(30),
      { do: "say", pr: 1, by: "author", remark: "approve the head", ...arrives },
      { do: "say", pr: 1, by: "maintainer", remark: "approve", ...arrives },
      { do: "push", pr: 1, content: "works, new image", ...arrives },
      after(30),
      { do: "say", pr: 1, by: "maintainer", remark: "ask for the status", ...arrives },
    ],
  },
];

const doors = themes.flatMap((theme) => theme.calls.map((_, index) => ({ theme, index })));

/** So many calls of a theme are crashed at, one after another. */
const crashed = 3;

/** One of the themes, with crashes at some of its calls; in half of them whoever comes next crashes there as well. */
export const aTheme: Arbitrary<{ operator: Partial<History["operator"]>; steps: Step[] }> = record({
  door: constantFrom(...doors),
  moments: constantFrom<Moment[]>(["before"], ["after"], ["before", "after"], ["before", "after"]),
}).map(({ door: { theme, index }, moments }) => {
  const calls = new Set([...theme.calls, ...theme.calls].slice(index, index + crashed));
  const faults = [...calls].flatMap((call) =>
    moments.map((moment): Action => ({ do: "fault", call, moment, does: "crash" })),
  );
  const steps = [...faults, ...theme.actions].map((action) => ({ action, turns: 80 }));
  return { operator: theme.operator ?? {}, steps };
});
