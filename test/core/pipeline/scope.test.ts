import { describe, expect, test } from "vitest";
import { withScope } from "../../../src/pipeline/scope.ts";

const untilAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason), { once: true }));

describe("withScope", () => {
  const never = new AbortController().signal;

  test("returns the body's value", async () => {
    await expect(withScope(never, async (scope) => await scope.run(async () => 1))).resolves.toBe(1);
  });

  test("the first failure stops the others and is the one that is thrown", async () => {
    const stopped: unknown[] = [];
    const result = withScope(never, async (scope) => {
      void scope
        .run(async (signal) => await untilAborted(signal).catch((reason) => stopped.push(reason)))
        .catch(() => undefined);
      await scope.run(async () => {
        throw new Error("first");
      });
    });
    await expect(result).rejects.toThrow("first");
    expect(stopped).toHaveLength(1);
  });

  test("a failure that nobody awaits yet ends the scope too", async () => {
    const result = withScope(never, async (scope) => {
      const failing = scope.run(async () => {
        throw new Error("in the background");
      });
      await untilAborted(scope.signal).catch(() => undefined);
      await failing;
    });
    await expect(result).rejects.toThrow("in the background");
  });

  test("an abort from outside reaches everything that runs", async () => {
    const outer = new AbortController();
    const result = withScope(outer.signal, async (scope) => await scope.run(untilAborted));
    outer.abort(new Error("superseded"));
    await expect(result).rejects.toThrow("superseded");
  });
});
