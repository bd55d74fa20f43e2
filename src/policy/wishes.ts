import type { Preview, PreviewSpec } from "../preview/preview.ts";
import type { Command } from "./command-grammar.ts";
import { expiryOf, type Lifetime } from "./lifetime.ts";

export type Wishes = { [K in keyof PreviewSpec]?: PreviewSpec[K] | undefined };

/** What a command changes in the record; commands that only ask, and approvals, are answered elsewhere. */
export function wishesOf(
  command: Command,
  preview: Preview,
  /** Names this request among all: once it was begun, it is not begun again. */
  token: string,
  { lifetime, now }: { lifetime: Lifetime; now: Date },
): Wishes {
  const calledAt = now.toISOString();
  switch (command.name) {
    case "deploy":
      return { want: "running", calledAt, redo: { token } };
    case "wake":
      return { want: "running", calledAt };
    case "sleep":
      return { want: "asleep" };
    case "stop":
      return { want: "stopped" };
    case "extend": {
      const end = Math.max(now.getTime(), expiryOf(preview, lifetime)?.getTime() ?? 0);
      return { keepUntil: new Date(end + command.hours * 3_600_000).toISOString() };
    }
    case "keep":
      return { keep: true };
    case "help":
    case "status":
    case "logs":
    case "approve":
      return {};
  }
}
