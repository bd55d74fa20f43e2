import { createFakeGitHub } from "../fakes/pull-requests.ts";
import { conversationContract } from "./conversation.contract.ts";

conversationContract("in memory", () => {
  const github = createFakeGitHub();
  const { pullRequests, conversation } = github;
  return Promise.resolve({ github, pullRequests, conversation, dispose: () => Promise.resolve() });
});
