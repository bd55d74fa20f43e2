import type { Preview } from "../preview/preview.ts";

/** How long a preview that nobody uses is kept, as the operator wants it. */
export type Lifetime = {
  /** Hours without a push, a command or a visit; 0 keeps it for ever. */
  idleHours: number;
  /** Hours before that in which the comment says so. */
  warnHours: number;
  afterwards: "remove" | "sleep";
};

const hour = 3_600_000;

/** When somebody last did something with the preview, in milliseconds since the epoch. */
export function lastActivity({ createdAt, spec, status }: Preview): number {
  const { lastActivityAt, lastVisitAt, readyAt } = status;
  const times = [createdAt, spec.calledAt, lastActivityAt, lastVisitAt, readyAt].map((time) => Date.parse(time ?? ""));
  return Math.max(0, ...times.filter((time) => !Number.isNaN(time)));
}

/** When the preview goes unless something happens before; undefined: never. */
export function expiryOf(preview: Preview, { idleHours }: Lifetime): Date | undefined {
  if (idleHours === 0 || preview.spec.keep === true) return undefined;
  const keepUntil = Date.parse(preview.spec.keepUntil ?? "");
  const idle = lastActivity(preview) + idleHours * hour;
  return new Date(Number.isNaN(keepUntil) ? idle : Math.max(idle, keepUntil));
}

export function isExpired(preview: Preview, lifetime: Lifetime, now: Date): boolean {
  const expiry = expiryOf(preview, lifetime);
  return expiry !== undefined && expiry.getTime() <= now.getTime();
}

/** What the record of a running preview says of its end: when, and for which such time people have to be warned. */
export function expiryStatus(
  preview: Preview,
  lifetime: Lifetime,
  now: Date,
): { expiresAt: string | undefined; warnedFor: string | undefined } {
  const expiresAt = expiryOf(preview, lifetime)?.toISOString();
  const isNear = expiresAt !== undefined && Date.parse(expiresAt) - now.getTime() <= lifetime.warnHours * hour;
  return { expiresAt, warnedFor: isNear ? expiresAt : undefined };
}
