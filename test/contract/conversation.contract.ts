import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Conversation } from "../../src/ports/conversation.ts";
import type { PullRequests } from "../../src/ports/pull-requests.ts";
import type { PreviewKey } from "../../src/preview/key.ts";
import type { PullRequest } from "../../src/preview/pull-request.ts";
import type { PlayedGitHub } from "../fakes/pull-requests.ts";

export type ConversationHarness = {
  github: PlayedGitHub;
  pullRequests: PullRequests;
  conversation: Conversation;
  dispose(): Promise<void>;
};

const never = new AbortController().signal;
const longAgo = new Date(0);

/** What everything that stands for the conversation on GitHub has to do. */
export function conversationContract(name: string, start: () => Promise<ConversationHarness>): void {
  describe(`the conversation ${name}`, () => {
    let harness: ConversationHarness;
    let key: PreviewKey;
    let pr: PullRequest;
    beforeEach(async () => {
      harness = await start();
      key = await harness.github.open();
      const read = await harness.pullRequests.read(key, undefined, never);
      if (read === "gone") throw new Error("the pull request is gone");
      pr = read;
    });
    afterEach(() => harness.dispose());

    test("is read in order, with who wrote what", async () => {
      const { github, conversation, pullRequests } = harness;
      const first = await github.say(key, "first");
      const second = await github.say(key, "second");
      await pullRequests.comment(pr, undefined, "ours", never);
      const said = await conversation.since(pr, longAgo, never);
      expect(said.map(({ author, body }) => [author, body])).toEqual([
        ["author", "first"],
        ["author", "second"],
        [undefined, "ours"],
      ]);
      expect(said.slice(0, 2).map(({ id }) => id)).toEqual([first, second]);
      expect(said[0]?.updatedAt).toEqual(said[0]?.createdAt);
      expect(await conversation.since(pr, new Date("2100-01-01T00:00:00Z"), never)).toEqual([]);
      // The moment itself is part of it.
      expect(await conversation.since(pr, said[1]?.createdAt ?? longAgo, never)).toContainEqual(said[1]);
    });

    test("is read to its end", async () => {
      const { github, conversation } = harness;
      for (let count = 1; count <= 101; count += 1) await github.say(key, String(count));
      const said = await conversation.since(pr, longAgo, never);
      expect([said.length, said.at(-1)?.body]).toEqual([101, "101"]);
    });

    test("shows each reaction once", async () => {
      const { github, conversation } = harness;
      const id = await github.say(key, "do it");
      await conversation.react(pr, id, "eyes", never);
      await conversation.react(pr, id, "eyes", never);
      expect((await conversation.find(pr, id, never))?.isAnswered).toBe(false);
      await conversation.react(pr, id, "rocket", never);
      expect(await github.reactions(key, id)).toEqual(["eyes", "rocket"]);
      expect((await conversation.find(pr, id, never))?.isAnswered).toBe(true);
    });

    test("goes on where a comment was deleted", async () => {
      const { github, conversation } = harness;
      const id = await github.say(key, "do it");
      await github.deleteComment(key, id);
      await conversation.react(pr, id, "eyes", never);
      expect(await conversation.find(pr, id, never)).toBeUndefined();
    });

    test("has one answer for each comment", async () => {
      const { github, conversation } = harness;
      const ids = [await github.say(key, "one"), await github.say(key, "two")];
      for (const said of await conversation.since(pr, longAgo, never)) {
        await conversation.answer(pr, said, `early answer to ${said.body}`, never);
        await conversation.answer(pr, said, `answer to ${said.body}`, never);
      }
      const ours = (await github.comments(key)).filter((each) => each.ours);
      expect(ours.map(({ body }) => body)).toEqual(
        ids.map((id, index) => `<!-- greenroom:answer ${id} -->\n\nanswer to ${["one", "two"][index]}`),
      );
    });

    test("tells what somebody may do", async () => {
      const { conversation } = harness;
      expect(await conversation.permission(pr, "author", never)).toBe("write");
      expect(await conversation.permission(pr, "visitor", never)).toBe("read");
    });
  });
}
