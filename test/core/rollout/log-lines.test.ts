import { describe, expect, test } from "vitest";
import { tellingLine, unsetVariable } from "../../../src/rollout/log-lines.ts";

describe("the line of a log that tells", () => {
  test.each([
    ["", undefined],
    ["\n \n", undefined],
    ["only this", "only this"],
    ["start\nlistening on 80\nbye", "bye"],
    [
      "/app/x.js:3\n    throw new Error('a')\n    ^\n\nError: DATABASE_URL is not set\n    at main (/app/x.js:3:9)\n\nNode.js v24.21.0",
      "Error: DATABASE_URL is not set",
    ],
    [
      "AggregateError [ECONNREFUSED]: \n    at internalConnectMultiple (node:net:1122:18) {\n  code: 'ECONNREFUSED'\n}",
      "AggregateError [ECONNREFUSED]:",
    ],
    [
      'Traceback (most recent call last):\n  File "/app/x.py", line 3, in <module>\n    os.environ["A_B"]\nKeyError: \'A_B\'',
      "KeyError: 'A_B'",
    ],
    [
      "panic: runtime error: index out of range\n\ngoroutine 1 [running]:\nmain.main()\n\t/app/main.go:9 +0x1d",
      "panic: runtime error: index out of range",
    ],
    [
      'Exception in thread "main" java.lang.IllegalStateException: no\n\tat a.B.c(B.java:3)',
      'Exception in thread "main" java.lang.IllegalStateException: no',
    ],
    ["INFO up\nFATAL: password authentication failed\nINFO down", "FATAL: password authentication failed"],
    ["npm error code ELIFECYCLE\nnpm error errno 1", undefined],
  ])("of %j is %j", (log, expected) => {
    expect(tellingLine(log)).toBe(expected);
  });

  test.each([
    ["Error: DATABASE_URL is not set", "DATABASE_URL"],
    ["KeyError: 'API_TOKEN'", "API_TOKEN"],
    ["missing required environment variable: S3_BUCKET", "S3_BUCKET"],
    ["Error: connect ECONNREFUSED 10.0.0.1:5432", undefined],
    ["Error: SQLITE_ERROR: no such table", undefined],
    ["PORT is not set", undefined],
  ])("%s lacks %s", (log, expected) => {
    expect(unsetVariable(log)).toBe(expected);
  });
});
