import { createFakeGitHub } from "../fakes/pull-requests.ts";
import { pullRequestsContract } from "./pull-requests.contract.ts";

pullRequestsContract("in memory", () => {
  const github = createFakeGitHub();
  return Promise.resolve({ github, pullRequests: github.pullRequests, dispose: () => Promise.resolve() });
});
