import * as fc from "fast-check";
import { expect, test } from "vitest";
import { kindOf, pass } from "../../../../src/adapters/github/gate.ts";
import { createLocalBudget } from "../../../../src/adapters/redis/local-budget.ts";
import { fakeClock } from "../../../fakes/clock.ts";

const never = new AbortController().signal;

test.each([
  ["POST", "/repos/{owner}/{repo}/issues/{issue_number}/comments", "write"],
  ["PATCH", "/repos/{owner}/{repo}/check-runs/{check_run_id}", "write"],
  ["POST", "/repos/{owner}/{repo}/deployments/{deployment_id}/statuses", "write"],
  ["POST", "/graphql", "read"],
  ["POST", "/app/installations/{installation_id}/access_tokens", "read"],
  ["GET", "/repos/{owner}/{repo}/pulls", "read"],
  ["DELETE", "/repos/{owner}/{repo}/issues/comments/{comment_id}", "read"],
])("%s %s counts as a %s", (method, url, kind) => {
  expect(kindOf(7, method, url)).toBe(kind);
});

test("the app itself writes nothing that people see", () => {
  expect(kindOf("app", "POST", "/app/hook/deliveries/1/attempts")).toBe("read");
});

function gate() {
  const clock = fakeClock();
  const budget = createLocalBudget({ perMinute: 2, perHour: 10 }, () => clock.now().getTime());
  return { clock, budget, through: (signal = never) => pass(budget, 7, "write", clock, signal) };
}

test("a wait of a second or two is waited out", async () => {
  const { clock, budget, through } = gate();
  await budget.close(7, 1_500);
  const passed = through().then(() => clock.now().getTime());
  await clock.advance(5_000);
  expect((await passed) - Date.parse("2026-01-01T00:00:00Z")).toBe(1_500);
});

test("a longer one is a transient failure that says how long", async () => {
  const { budget, through } = gate();
  await budget.close(7, 30_400);
  const failure = { kind: "transient", code: "github-rate-limited", retryAfterSeconds: 31 };
  await expect(through()).rejects.toMatchObject({ failure });
});

test("so is a write for which there is no room", async () => {
  const { clock, through } = gate();
  await through();
  await through();
  const failure = { kind: "transient", code: "github-writes-spent", retryAfterSeconds: 60 };
  await expect(through()).rejects.toMatchObject({ failure });
  await clock.advance(60_000);
  await through();
});

test("short waits one after another add up", async () => {
  const { clock, budget, through } = gate();
  await budget.close(7, 1_500);
  const passed = through();
  const told = passed.catch((error: unknown) => error);
  await clock.advance(1_000);
  // Somebody else was refused meanwhile.
  await budget.close(7, 1_400);
  await clock.advance(5_000);
  expect(await told).toMatchObject({ failure: { retryAfterSeconds: 1 } });
});

test("whoever is stopped does not wait on", async () => {
  const { budget, through } = gate();
  await budget.close(7, 1_500);
  const stopped = new AbortController();
  const passed = through(stopped.signal);
  stopped.abort(new Error("stopped"));
  await expect(passed).rejects.toThrow("stopped");
});

const arrivals = fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 300 });

test("whatever is asked for when, no minute and no hour ever has more than its share", async () => {
  const limits = [fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 40 })] as const;
  await fc.assert(
    fc.asyncProperty(arrivals, ...limits, async (gaps, perMinute, perHour) => {
      let now = 0;
      const budget = createLocalBudget({ perMinute, perHour }, () => now);
      const taken: number[] = [];
      for (const gap of gaps) {
        now += gap;
        if ((await budget.take(1, "write")) === "taken") taken.push(now);
      }
      const most = (span: number) =>
        Math.max(...taken.map((end) => taken.filter((at) => at > end - span && at <= end).length));
      expect(most(60_000)).toBeLessThanOrEqual(perMinute);
      expect(most(3_600_000)).toBeLessThanOrEqual(perHour);
    }),
    { numRuns: 100 },
  );
});
