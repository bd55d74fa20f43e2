import { describe, expect, test } from "vitest";
import { followBuild } from "../../../src/adapters/buildkit/progress.ts";
import type { BuildProgress } from "../../../src/ports/builder.ts";

const at = "2026-01-01T00:00:00Z";

function data(text: string): string {
  return Buffer.from(text).toString("base64");
}

function follow() {
  const seen: BuildProgress[] = [];
  const log = followBuild((progress) => seen.push(progress));
  return { seen, log, send: (status: object) => log.line(JSON.stringify(status)) };
}

const named = {
  vertexes: [
    { digest: "b", name: "[2/2] RUN make" },
    { digest: "i", name: "[internal] load build context", started: at },
    { digest: "a", name: "[1/2] FROM busybox" },
  ],
};

describe("followBuild", () => {
  test("counts the Dockerfile's own steps, each once when it starts and once when it ends", () => {
    const { seen, send } = follow();
    send(named);
    send({ vertexes: [{ digest: "a", name: "[1/2] FROM busybox", started: at, completed: at, cached: true }] });
    send({ vertexes: [{ digest: "b", name: "[2/2] RUN make", started: at }] });
    send({ vertexes: [{ digest: "b", name: "[2/2] RUN make", started: at }] });
    send({ statuses: [{ id: "x", vertex: "b", current: 1 }] });
    send({ vertexes: [{ digest: "b", name: "[2/2] RUN make", started: at, completed: at }] });
    expect(seen).toEqual([
      { step: "FROM busybox", current: 1, total: 2 },
      { step: "RUN make", current: 1, total: 2 },
      { step: "RUN make", current: 2, total: 2 },
    ]);
  });

  test("adds up the stages", () => {
    const { seen, send } = follow();
    send({
      vertexes: [
        { digest: "a", name: "[build 1/3] FROM x" },
        { digest: "b", name: "[stage-1 1/2] FROM y", started: at },
      ],
    });
    expect(seen).toEqual([{ step: "FROM y", current: 0, total: 5 }]);
  });

  test("keeps the output of the step that failed first, not of those cancelled with it", () => {
    const { log, send } = follow();
    send(named);
    send({
      logs: [
        { vertex: "b", stream: 1, data: data("one\n") },
        { vertex: "a", stream: 1, data: data("other") },
      ],
    });
    send({ logs: [{ vertex: "b", stream: 2, data: data("two\n") }] });
    send({ vertexes: [{ digest: "a", name: "[1/2] FROM busybox", completed: at, error: "context canceled" }] });
    send({ vertexes: [{ digest: "b", name: "[2/2] RUN make", completed: at, error: "exit code: 1" }] });
    expect(log.failedStep()).toEqual({ text: "RUN make", error: "exit code: 1", log: "one\ntwo\n" });
  });

  test("keeps only the end of a long output", () => {
    const { log, send } = follow();
    send(named);
    for (let i = 0; i < 100; i++)
      send({ logs: [{ vertex: "b", data: Buffer.from(`${i}:${"x".repeat(4_000)}\n`).toString("base64") }] });
    send({ vertexes: [{ digest: "b", name: "[2/2] RUN make", error: "exit code: 1" }] });
    expect(log.failedStep()?.log.length).toBeLessThanOrEqual(64 * 1024);
    expect(log.failedStep()?.log).toContain("99:");
  });

  test("keeps plain words, and what looks like progress and is none", () => {
    const { log, seen } = follow();
    for (const line of ["Dockerfile:4", "{not json", '{"vertexes": 5}', "error: failed to solve: x"]) log.line(line);
    expect(log.words()).toBe('Dockerfile:4\n{not json\n{"vertexes": 5}\nerror: failed to solve: x');
    expect(log.failedStep()).toBeUndefined();
    expect(seen).toEqual([]);
  });
});
