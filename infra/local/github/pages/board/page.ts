import { type Board, duration, type Step, type StepState } from "../../../supply/board.ts";
import { html, type Markup } from "../markup.ts";
import { type Part, placed } from "../parts.ts";

/** The parts of the lab's page that change while one looks. */
export function boardParts(board: Board | undefined): Part[] {
  return [{ id: "board", content: board === undefined ? nothingYet : shown(board) }];
}

/** The content of the lab's page. */
export function boardContent(board: Board | undefined): Markup {
  return html`<h1 data-testid="title">The lab</h1>${boardParts(board).map(placed)}`;
}

const nothingYet = html`<section class="box" data-testid="board" data-state="none"><p class="row">Nothing is being built or started yet. This page shows it as soon as it is; it need not be reloaded.</p></section>`;

type Overall = "running" | "ready" | "failed";

function overall({ steps }: Board): Overall {
  if (steps.some(({ state }) => state === "failed")) return "failed";
  return steps.length > 0 && steps.every(({ state }) => state === "done" || state === "cached") ? "ready" : "running";
}

function shown(board: Board): Markup {
  const state = overall(board);
  const { elapsedSeconds, remainingSeconds, steps } = board;
  const total = elapsedSeconds + remainingSeconds;
  const part = state === "ready" ? 100 : total === 0 ? 0 : Math.floor((elapsedSeconds / total) * 100);
  return html`<section data-testid="board" data-state="${state}">
${headline(state, board)}
<progress max="100" value="${part}" data-testid="progress">${part} %</progress>
<p class="muted"><span data-testid="elapsed">${duration(elapsedSeconds)} so far</span>${state === "running" ? html` · <span data-testid="remaining">about ${duration(remainingSeconds)} to go</span>` : ""}</p>
<ol class="box steps">${steps.map(stepRow)}</ol>
${next(state)}</section>`;
}

function headline(state: Overall, { steps }: Board): Markup {
  if (state === "ready") return html`<p class="lead" data-testid="headline">Everything is running.</p>`;
  if (state === "failed") {
    const failed = steps.filter((step) => step.state === "failed").map(({ title }) => title);
    return html`<p class="lead bad" data-testid="headline">${failed.join(", ")} failed. What it said last is below; the terminal says more.</p>`;
  }
  const running = steps.filter((step) => step.state === "running").map(({ title }) => title);
  const upcoming = steps.find((step) => step.state === "waiting")?.title;
  return html`<p class="lead" data-testid="headline">${running.length === 0 ? "Between two steps" : `Now: ${running.join(", ")}`}${upcoming === undefined ? "" : html`<span class="muted"> · then ${upcoming}</span>`}</p>`;
}

const marks: Readonly<Record<StepState, string>> = { waiting: "·", running: "▸", done: "✓", failed: "✗", cached: "✓" };

function stepRow(step: Step): Markup {
  const { id, title, state, seconds, expectedSeconds, fraction, detail } = step;
  return html`<li class="row step ${state}" data-testid="step" data-step="${id}" data-state="${state}">
<span class="mark">${marks[state]}</span>
<div class="grow"><p><strong>${title}</strong> <span class="muted">${timeOf(step)}</span></p>
${state === "running" ? html`<progress max="100" value="${Math.floor(100 * (fraction ?? Math.min(seconds / Math.max(expectedSeconds, 1), 0.99)))}"></progress>` : ""}
${detail === "" || state === "waiting" ? "" : html`<p class="detail"><code>${detail}</code></p>`}</div></li>`;
}

function timeOf({ state, seconds, expectedSeconds }: Step): string {
  switch (state) {
    case "waiting":
      return `about ${duration(expectedSeconds)}`;
    case "running":
      return `${duration(seconds)} of about ${duration(expectedSeconds)}`;
    case "cached":
      return "already there";
    case "done":
    case "failed":
      return duration(seconds);
  }
}

function next(state: Overall): Markup {
  if (state === "ready") {
    return html`<p data-testid="next">Next: <a class="button primary" href="/">Make a repository and open a pull request</a></p>`;
  }
  return html`<p class="muted" data-testid="next">When it is ready, <a href="/">make a repository and open a pull request</a>. Deliveries that come too early fail, and can be sent again from the pull request’s page.</p>`;
}
