import { obey, type ObeyWorld } from "../../../src/pipeline/obey.ts";
import type { Announcement } from "../../../src/ports/queue.ts";
import type { Phase } from "../../../src/preview/preview.ts";
import type { PreviewKey } from "../../../src/preview/key.ts";
import { smallWorld, type SmallWorldOptions } from "./small-world.ts";

const signal = new AbortController().signal;

/** Reactions under a comment that was done, and under one that could not be. */
export const did = ["eyes", "rocket"];
export const didNot = ["eyes", "confused"];

/** A small world in which people write comments. */
export function converse(options: SmallWorldOptions = {}) {
  const small = smallWorld(options);
  const announced: Announcement[] = [];
  const announce = async (announcement: Announcement) => void announced.push(announcement);
  const { queue, ...rest } = small.world;
  const world: ObeyWorld = { ...rest, conversation: small.github.conversation, queue: { ...queue, announce } };
  return {
    small,
    world,
    announced,
    /** Somebody writes, is heard, and what they want is done. Answers our reactions. */
    say: async (key: PreviewKey, body: string, login = "maintainer"): Promise<string[]> => {
      small.clock.jump(2_000);
      const id = await small.github.say(key, body, login);
      await obey(world, key, signal);
      await small.look(key);
      return await small.github.reactions(key, id);
    },
    /** What was answered to comments. */
    answers: async (key: PreviewKey): Promise<string[]> => {
      const bodies = (await small.github.comments(key)).filter(({ ours }) => ours).map(({ body }) => body);
      return bodies.filter((body) => body.startsWith("<!-- greenroom:answer"));
    },
    /** A pull request with its preview, or held where it comes from a fork; somebody called `maintainer` may write. */
    opened: async (fork = false): Promise<PreviewKey> => {
      const author = { login: "author", permission: fork ? ("read" as const) : ("write" as const) };
      const key = await small.github.open({ fork, author });
      small.github.permit("maintainer", "write");
      await small.look(key);
      return key;
    },
    phase: async (key: PreviewKey): Promise<Phase | undefined> => (await small.record(key)).status.phase,
  };
}

export type Conversation = ReturnType<typeof converse>;
