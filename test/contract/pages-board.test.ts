import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createBoard, type StepReport } from "../../infra/local/supply/board-writer.ts";
import type { World } from "../integration/github/world.ts";
import { withPage } from "../support/browser.ts";
import { isMarked, mark, startPages } from "./pages-world.ts";

let world: World;
let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "board-"));
  // The folder of the board is not there either, as in the first second of a lab.
  file = join(folder, "state", "board.json");
  world = await startPages(file);
});
afterEach(async () => {
  await world.close();
  await rm(folder, { recursive: true, force: true });
});

const lane = "supply";

/** A board as the lab's own, with nobody looking at its terminal. */
function boardOf(plan: readonly { readonly id: string; readonly title: string; readonly seconds: number }[]) {
  const screen = { isTTY: false, columns: 80, write: () => undefined };
  const board = createBoard({ file, memoryFile: join(folder, "times.json"), screen });
  board.plan(plan.map(({ id, title, seconds }) => ({ id, title, lane, expectedSeconds: seconds })));
  return board;
}

test("from nothing to ready, without a reload", async () => {
  await withPage(`${world.hub.url}/-/lab`, async (page) => {
    expect(await page.getByTestId("board").getAttribute("data-state")).toBe("none");
    await mark(page);

    const board = boardOf([
      { id: "packages", title: "Debian packages", seconds: 30 },
      { id: "kubernetes", title: "Compile Kubernetes", seconds: 420 },
    ]);
    await page.locator('[data-testid="board"][data-state="running"]').waitFor();
    expect(await page.getByTestId("step").count()).toBe(2);
    expect(await page.getByTestId("remaining").textContent()).toBe("about 7 min 30 s to go");

    await board.run("packages", async (report) => report.cached());
    await page.locator('[data-step="packages"][data-state="cached"]', { hasText: "already there" }).waitFor();

    const finish = Promise.withResolvers<void>();
    const started = Promise.withResolvers<StepReport>();
    const compiling = board.run("kubernetes", async (report) => {
      started.resolve(report);
      await finish.promise;
    });
    const report = await started.promise;
    report.detail('compiling <img src=x onerror="window.broken=1"> k8s.io/api');
    report.fraction(0.25);
    const step = page.locator('[data-step="kubernetes"][data-state="running"]');
    await step.getByText('compiling <img src=x onerror="window.broken=1"> k8s.io/api').waitFor();
    expect(await step.locator("progress").getAttribute("value")).toBe("25");
    expect(await page.getByTestId("headline").textContent()).toContain("Now: Compile Kubernetes");
    expect(await page.evaluate("'broken' in window")).toBe(false);

    finish.resolve();
    await compiling;
    board.close();
    await page.locator('[data-testid="board"][data-state="ready"]').waitFor();
    expect(await page.getByTestId("progress").getAttribute("value")).toBe("100");
    expect(await page.getByTestId("next").locator("a").getAttribute("href")).toBe("/");
    // The page was never loaded again.
    expect(await isMarked(page)).toBe(true);
  });
});

test("a step that fails says its last line", async () => {
  const board = boardOf([{ id: "kubernetes", title: "Compile Kubernetes", seconds: 420 }]);
  const failing = board.run("kubernetes", async () => {
    throw new Error("no space left on device");
  });
  await expect(failing).rejects.toThrow("no space left");
  board.close();
  await withPage(`${world.hub.url}/-/lab`, async (page) => {
    expect(await page.getByTestId("board").getAttribute("data-state")).toBe("failed");
    expect(await page.getByTestId("headline").textContent()).toContain("Compile Kubernetes failed");
    expect(await page.getByTestId("step").textContent()).toContain("no space left on device");
  });
});

test("a file that is no board is as good as none", async () => {
  boardOf([]).close();
  await writeFile(file, "{");
  const text = await (await fetch(`${world.hub.url}/-/lab`)).text();
  expect(text).toContain('data-state="none"');
});
