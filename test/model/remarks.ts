import type { PreviewSpec } from "../../src/preview/preview.ts";

/** Who writes under a pull request: its author, somebody who may write to the repository, somebody who may read it. */
export const speakers = ["author", "maintainer", "stranger"] as const;
export type Speaker = (typeof speakers)[number];

export const remarks = [
  "deploy",
  "rebuild",
  "rebuild with new data",
  "stop",
  "sleep",
  "wake",
  "extend",
  "keep",
  "approve",
  "approve the head",
  "approve the first commit",
  "stop and deploy",
  "ask for the status",
  "a mistake",
  "nothing for us",
] as const;
export type Remark = (typeof remarks)[number];

/** What a remark means, said without the parser: what it wants of the preview, and what else. */
export type Meaning = {
  text: string;
  want?: PreviewSpec["want"];
  /** What sleeps is woken by it; what is stopped stays so. */
  wakes?: true;
  extends?: true;
  keeps?: true;
  approves?: "the head" | "the first commit" | "what is shown";
  /** Nobody answers it. */
  idle?: true;
};

export const meanings: Readonly<Record<Remark, Meaning>> = {
  deploy: { text: "/preview deploy", want: "running" },
  rebuild: { text: "/preview rebuild", wakes: true },
  "rebuild with new data": { text: "/preview rebuild --data", wakes: true },
  stop: { text: "/preview stop", want: "stopped" },
  sleep: { text: "/preview sleep", want: "asleep" },
  wake: { text: "/preview wake", want: "running" },
  extend: { text: "/preview extend 24h", extends: true },
  keep: { text: "/preview keep", keeps: true },
  approve: { text: "Fine.\n\n/preview approve", approves: "what is shown" },
  "approve the head": { text: "/preview approve", approves: "the head" },
  "approve the first commit": { text: "/preview approve", approves: "the first commit" },
  "stop and deploy": { text: "/preview stop\n/preview deploy", want: "running" },
  "ask for the status": { text: "/preview status" },
  "a mistake": { text: "/preview lunch" },
  "nothing for us": { text: "> /preview stop\n\nNo, leave it.", idle: true },
};

/** The commit that one of our comments shows as held and tells how to approve. */
export function shownAsHeld(bodies: readonly string[]): string | undefined {
  const [held] = bodies.flatMap((body) => /`\/preview approve ([0-9a-f]{40})`/.exec(body)?.[1] ?? []);
  return held;
}
