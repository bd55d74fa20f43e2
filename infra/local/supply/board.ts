/** The lab's progress board as data: steps, their states, and what is likely to remain. */

export type StepState = "waiting" | "running" | "done" | "failed" | "cached";

export type Step = {
  readonly id: string;
  readonly title: string;
  /** Steps of one lane run one after another; lanes run side by side. */
  readonly lane: string;
  readonly state: StepState;
  readonly startedAt: string | null;
  readonly seconds: number;
  readonly expectedSeconds: number;
  /** Part already done, 0 to 1, where the step can tell. */
  readonly fraction: number | null;
  /** The last line the step had to say. */
  readonly detail: string;
};

export type Board = {
  readonly startedAt: string;
  readonly updatedAt: string;
  readonly elapsedSeconds: number;
  readonly remainingSeconds: number;
  readonly steps: readonly Step[];
};

/** A step as it is announced, before it runs. */
export type StepPlan = Pick<Step, "id" | "title" | "lane" | "expectedSeconds">;

/** What is worth knowing of a step to estimate the rest of it. */
type Timed = Pick<Step, "state" | "seconds" | "expectedSeconds" | "fraction">;

function stepRemaining(step: Timed): number {
  if (step.state === "waiting") return step.expectedSeconds;
  if (step.state !== "running") return 0;
  // Late is not done: a step past its expectation keeps a twentieth of it.
  const byClock = Math.max(step.expectedSeconds - step.seconds, step.expectedSeconds / 20);
  if (step.fraction === null || step.fraction <= 0) return byClock;
  const byPart = (step.seconds / step.fraction) * (1 - step.fraction);
  // The further along, the more the measured pace counts against the expectation.
  return byPart * step.fraction + byClock * (1 - step.fraction);
}

/** Seconds until the longest lane is through. */
export function remainingSeconds(steps: readonly (Timed & Pick<Step, "lane">)[]): number {
  const lanes = new Map<string, number>();
  for (const step of steps) lanes.set(step.lane, (lanes.get(step.lane) ?? 0) + stepRemaining(step));
  return Math.round(Math.max(0, ...lanes.values()));
}

/** Expected seconds of each step: as measured the last time, else as announced. */
export function withMemory(plans: readonly StepPlan[], memory: Readonly<Record<string, number>>): StepPlan[] {
  return plans.map((plan) => ({ ...plan, expectedSeconds: memory[plan.id] ?? plan.expectedSeconds }));
}

/** Seconds to remember for the next time: only work that really ran teaches anything. */
export function measured(steps: readonly Step[], before: Readonly<Record<string, number>>): Record<string, number> {
  const ran = steps.filter((step) => step.state === "done");
  return { ...before, ...Object.fromEntries(ran.map((step) => [step.id, Math.round(step.seconds * 10) / 10])) };
}

const marks: Record<StepState, string> = { waiting: "·", running: "▸", done: "✓", failed: "✗", cached: "=" };

/** "1 min 05 s", "12 s" */
export function duration(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  const rest = whole % 60;
  return whole < 60 ? `${whole} s` : `${Math.floor(whole / 60)} min ${String(rest).padStart(2, "0")} s`;
}

/** One line for one step. */
export function stepLine(step: Step): string {
  const time = step.state === "waiting" ? `about ${duration(step.expectedSeconds)}` : duration(step.seconds);
  const part = step.state === "running" && step.fraction !== null ? ` ${Math.floor(step.fraction * 100)} %` : "";
  const shown = step.state === "cached" ? "already there" : `${time}${part}`;
  return `${marks[step.state]} ${step.title} (${shown})${step.detail === "" ? "" : `: ${step.detail}`}`;
}

/** One line for the whole board. */
export function summaryLine(board: Board): string {
  const through = board.steps.filter((step) => step.state === "done" || step.state === "cached").length;
  const running = board.steps.filter((step) => step.state === "running").map((step) => step.title);
  const now = running.length === 0 ? "" : `; now: ${running.join(", ")}`;
  return `${through} of ${board.steps.length} steps, ${duration(board.elapsedSeconds)} so far, about ${duration(board.remainingSeconds)} to go${now}`;
}

/** The board as lines of a terminal, no wider than it. */
export function boardLines(board: Board, width: number): string[] {
  return [...board.steps.map((step) => `  ${stepLine(step)}`), `  ${summaryLine(board)}`].map((line) =>
    line.length <= width ? line : `${line.slice(0, Math.max(1, width - 1))}…`,
  );
}
