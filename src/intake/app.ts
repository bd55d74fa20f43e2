import { type Logger, Probot, ProbotOctokit } from "probot";
import type { Presses } from "../ports/presses.ts";
import type { Queue } from "../ports/queue.ts";
import { keyString } from "../preview/key.ts";
import { keysOf } from "./keys-of.ts";
import type { Delivery } from "./receive.ts";

export type AppOptions = {
  appId: number;
  privateKey: string;
  /** The webhook secret in use; `receive` has verified the signature before Probot sees a delivery. */
  secret: string;
  /** Base address of GitHub's API, e.g. of a GitHub Enterprise Server. */
  apiUrl: string;
  log: Logger;
};

/** Where goes what people ask for, so that nobody waits for a deploy to be heard. */
export type Asked = { commands: Pick<Queue, "enqueue">; presses: Pick<Presses, "add"> };

/** The intake as a Probot app: every event that can concern a preview becomes keys on the queue. */
export function greenroomApp(queue: Queue, asked: Asked): (app: Probot) => void {
  return (app) => {
    app.on(
      [
        "pull_request.opened",
        "pull_request.reopened",
        "pull_request.synchronize",
        "pull_request.closed",
        "pull_request.labeled",
        "pull_request.unlabeled",
        "pull_request.ready_for_review",
        "pull_request.converted_to_draft",
        "pull_request.edited",
        "issue_comment.created",
        "issue_comment.edited",
        "issue_comment.deleted",
        "check_run.requested_action",
        "check_run.rerequested",
      ],
      async (context) => {
        const keys = await enqueueAll(queue, context, asked);
        if (keys.length > 0) context.log.info({ delivery: context.id, event: context.name, keys }, "queued");
      },
    );
  };
}

/** Starts Probot with the app loaded, and returns how deliveries are handed to it. */
export async function startApp(
  queue: Queue,
  options: AppOptions,
  asked: Asked,
): Promise<(delivery: Delivery) => Promise<void>> {
  const probot = new Probot({
    appId: options.appId,
    privateKey: options.privateKey,
    secret: options.secret,
    baseUrl: options.apiUrl,
    log: withoutPayloads(options.log),
    // The handlers call no API. Throttling and retrying would cost a scheduler for every delivery.
    Octokit: ProbotOctokit.defaults({ throttle: { enabled: false }, retry: { enabled: false } }),
  });
  await probot.ready();
  await probot.load(greenroomApp(queue, asked));
  return async (delivery) => {
    if (isHandled(delivery)) await probot.receive(delivery);
  };
}

type ProbotEvent = Parameters<Probot["receive"]>[0];

/** The name in a header is any string; Probot's types, and our handlers, know only these. */
function isHandled(delivery: Delivery): delivery is Delivery & ProbotEvent {
  return ["pull_request", "issue_comment", "check_run"].includes(delivery.name);
}

/**
 * Announces and enqueues everything a delivery asks for. The announcement goes first: whatever it stops is looked at
 * again by the job that follows it. Returns the keys for the log.
 */
export async function enqueueAll(
  queue: Queue,
  delivery: { id: string; name: string; payload: unknown },
  { commands, presses }: Asked,
): Promise<string[]> {
  const asks = keysOf(delivery.name, delivery.payload);
  await Promise.all(
    asks.flatMap((ask) => [
      ...(ask.announcement === undefined ? [] : [queue.announce(ask.announcement)]),
      ask.press === undefined
        ? (ask.isCommand === true ? commands : queue).enqueue(ask.key, ask.cause)
        : presses.add({ id: delivery.id, key: ask.key, ...ask.press }),
    ]),
  );
  return asks.map((ask) => keyString(ask.key));
}

/** Probot hangs the whole event on an error and logs it; the payload is of no use there. */
function withoutPayloads(log: Logger): Logger {
  return log.child(
    {},
    {
      serializers: {
        err: (error: Error) => ({ type: error.name, message: error.message, stack: error.stack }),
        event: (event: { id?: string; name?: string }) => ({ id: event.id, name: event.name }),
      },
    },
  );
}
