import { describe, expect, test } from "vitest";
import { buildFailure } from "../../../src/adapters/buildkit/failures.ts";

/** As buildctl prints it after its progress. */
function words(error: string, ...excerpt: string[]): string {
  const rule = "-".repeat(20);
  const place = excerpt.length === 0 ? [] : ["Dockerfile:2", rule, ...excerpt, rule];
  return [...place, `error: ${error}`].join("\n");
}

const step = { text: "RUN make", error: "", log: "cc main.c\nmain.c:3: no\n" };

function failure(text: string, failedStep: typeof step | undefined = step) {
  return buildFailure({ dockerfileName: "web/Dockerfile", words: text, step: failedStep });
}

describe("buildFailure", () => {
  test.each([
    [
      'failed to solve: process "/bin/sh -c make" did not complete successfully: exit code: 2',
      "user",
      "dockerfile-step-failed",
      "`RUN make` failed with exit code 2",
    ],
    [
      'failed to solve: process "/bin/sh -c make" did not complete successfully: cannot allocate memory',
      "user",
      "dockerfile-step-failed",
      "`RUN make` failed: cannot allocate memory",
    ],
    [
      "failed to solve: dockerfile parse error on line 2: unknown instruction: RUNN (did you mean RUN?)",
      "user",
      "dockerfile-invalid",
      "unknown instruction: RUNN",
    ],
    ["failed to solve: the Dockerfile cannot be empty", "user", "dockerfile-invalid", "cannot be empty"],
    [
      "failed to solve: failed to read dockerfile: open Nope: no such file or directory",
      "user",
      "dockerfile-invalid",
      "failed to read dockerfile",
    ],
    ['failed to solve: target stage "zz" could not be found', "user", "dockerfile-target-missing", "no stage `zz`"],
    [
      'failed to solve: failed to compute cache key: failed to calculate checksum of ref a::b: "/nothere": not found',
      "user",
      "dockerfile-source-missing",
      "there is no `nothere`",
    ],
    [
      "failed to solve: nosuch:9: failed to resolve source metadata for docker.io/library/nosuch:9: docker.io/library/nosuch:9: not found",
      "user",
      "base-image-missing",
      "`nosuch:9`",
    ],
    [
      'failed to solve: r.test/p/7/web:1: failed to resolve source metadata for r.test/p/7/web:1: could not resolve image due to policy: source "docker-image://r.test/p/7/web:1" denied by policy: source denied by policy',
      "user",
      "base-image-refused",
      "`r.test/p/7/web:1`",
    ],
    [
      "failed to solve: x/y: failed to resolve source metadata for docker.io/x/y:latest: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed",
      "user",
      "base-image-missing",
      "`x/y:latest`",
    ],
    [
      'failed to solve: no.invalid/foo:1: failed to resolve source metadata for no.invalid/foo:1: failed to do request: Head "https://no.invalid/v2/foo/manifests/1": dial tcp: lookup no.invalid: no such host',
      "user",
      "base-image-missing",
      "`no.invalid/foo:1`",
    ],
    [
      "failed to solve: node: failed to resolve source metadata for docker.io/library/node:24: unexpected status from HEAD request to https://registry-1.docker.io/v2/library/node/manifests/24: 429 Too Many Requests",
      "transient",
      "base-image-rate-limited",
      "`node:24`",
    ],
    [
      "failed to solve: node: failed to resolve source metadata for docker.io/library/node:24: failed to do request: Head: net/http: TLS handshake timeout",
      "transient",
      "base-image-unreachable",
      "`node:24`",
    ],
    [
      "failed to solve: failed to push r.example/a:1: unexpected status from HEAD request to http://r.example/v2/a/blobs/sha256:0: 401 Unauthorized",
      "operator",
      "push-refused",
      "refused",
    ],
    [
      "failed to solve: failed to push r.example/a:1: server message: insufficient_scope: authorization failed",
      "operator",
      "push-refused",
      "refused",
    ],
    [
      'failed to solve: failed to push r.example/a:1: failed to do request: Head "http://r.example": dial tcp: connection refused',
      "transient",
      "registry-unreachable",
      "could not be pushed",
    ],
    [
      'listing workers for Build: failed to list workers: Unavailable: connection error: desc = "transport: Error while dialing"',
      "transient",
      "buildkit-unreachable",
      "does not answer",
    ],
    ["failed to solve: write /x: no space left on device", "operator", "builder-disk-full", "disk is full"],
    [
      "failed to solve: something that nobody has seen yet",
      "operator",
      "build-failed",
      "something that nobody has seen yet",
    ],
  ])("%s", (error, kind, code, what) => {
    expect(failure(words(error))).toMatchObject({ kind, code, what: expect.stringContaining(what) });
  });

  test("names the Dockerfile and the first line of the instruction, where it is about the Dockerfile", () => {
    const excerpt = ["   3 |     ", "   4 | >>> RUN one && \\", "   5 | >>>   two", "   6 |     "];
    const error = 'failed to solve: process "/bin/sh -c one" did not complete successfully: exit code: 1';
    expect(failure(words(error, ...excerpt)).where).toEqual({ file: "web/Dockerfile", line: 4 });
    expect(failure(words(error)).where).toEqual({ file: "web/Dockerfile" });
    expect(failure(words("failed to solve: failed to push r.example/a:1: denied", ...excerpt))).not.toHaveProperty(
      "where",
    );
  });

  test("shows the step's own output, and BuildKit's excerpt where the step never ran", () => {
    const error = 'failed to solve: process "x" did not complete successfully: exit code: 1';
    expect(failure(words(error)).evidence).toBe("cc main.c\nmain.c:3: no");
    const excerpt = "   2 | >>> RUNN x";
    const parse = "failed to solve: dockerfile parse error on line 2: unknown instruction: RUNN";
    expect(failure(words(parse, excerpt), undefined).evidence).toContain(excerpt);
  });

  test("an unknown failure at a place of the Dockerfile is its author's", () => {
    const unknown = failure(words("failed to solve: it is odd", "   7 | >>> RUN make"));
    expect(unknown).toMatchObject({ kind: "user", where: { line: 7 }, what: expect.stringContaining("it is odd") });
  });

  test("says what exit code 137 means", () => {
    const error = 'failed to solve: process "x" did not complete successfully: exit code: 137';
    expect(failure(words(error)).remedy).toContain("memory");
  });

  test("a step's text cannot break out of the sentence", () => {
    const hostile = { text: "RUN echo `id`\n# headline", error: "", log: "" };
    const { what } = failure(
      words('failed to solve: process "x" did not complete successfully: exit code: 1'),
      hostile,
    );
    expect(what).toContain("`RUN echo 'id' # headline`");
  });

  test("words of a step that look like another failure do not change whose it is", () => {
    const log = { ...step, log: "error: failed to push r.example/a:1: denied\nno space left on device\n" };
    const error = 'failed to solve: process "x" did not complete successfully: exit code: 1';
    expect(failure(words(error), log)).toMatchObject({ kind: "user", code: "dockerfile-step-failed" });
  });

  test("words of the Dockerfile itself do not either", () => {
    const spoof =
      'failed to solve: process "/bin/sh -c echo failed to push x: denied" did not complete successfully: exit code: 1';
    expect(failure(words(spoof, "   2 | >>> RUN echo error: failed to push x: denied"))).toMatchObject({
      kind: "user",
      code: "dockerfile-step-failed",
    });
  });
});
