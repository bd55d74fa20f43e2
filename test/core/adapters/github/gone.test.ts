import { RequestError } from "@octokit/request-error";
import { expect, test } from "vitest";
import type { GitHubClient } from "../../../../src/adapters/github/client.ts";
import { failureFrom } from "../../../../src/adapters/github/failures.ts";
import { createReader } from "../../../../src/adapters/github/read.ts";

const tokens = "https://api.github.com/app/installations/7/access_tokens";
const key = { installation: 7, repository: { id: 42, nodeId: "R_42" }, number: 1 };

/** Reads a pull request while GitHub answers so to one address. */
function read(status: number, message: string, url: string, headers: Record<string, string> = {}) {
  const error = new RequestError(message, status, {
    request: { method: "POST", url, headers: {} },
    response: { status, url, headers, data: { message } },
  });
  const refuse = () => Promise.reject(failureFrom(error, "reading"));
  const client: GitHubClient = { as: refuse, asApp: refuse, readToken: refuse };
  return createReader(client, 1)(key, undefined, new AbortController().signal);
}

test.each([
  ["removed", 404, "Not Found"],
  ["suspended", 403, "This installation has been suspended"],
])("a pull request of an installation that was %s is gone", async (_, status, message) => {
  expect(await read(status, message, tokens)).toBe("gone");
});

test.each([
  ["another address", 404, "Not Found", "https://api.github.com/graphql", {}],
  ["another refusal", 403, "Resource not accessible by integration", tokens, {}],
  ["a limit", 403, "You have exceeded a secondary rate limit", tokens, { "retry-after": "60" }],
  ["an outage", 502, "Bad Gateway", tokens, {}],
])("%s makes nobody gone", async (_, status, message, url, headers) => {
  await expect(read(status, message, url, headers)).rejects.toMatchObject({ name: "FailureError" });
});
