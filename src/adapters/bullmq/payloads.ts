import { z } from "zod";
import type { Announcement } from "../../ports/queue.ts";
import type { Press } from "../../ports/presses.ts";
import type { PreviewKey } from "../../preview/key.ts";
import { buttons } from "../../report/reports.ts";

const id = z.int().positive();
const previewKey = z.object({
  installation: id,
  repository: z.object({ id, nodeId: z.string().min(1) }),
  number: id,
});
const announcement = z.object({ key: previewKey, head: z.string().optional(), closed: z.boolean() });
const press = z.object({
  id: z.string().min(1),
  key: previewKey,
  button: z.enum(buttons),
  commit: z.string(),
  login: z.string(),
});

/** The key a job carries, or undefined where another version of Greenroom wrote something else. */
export function readKey(data: unknown): PreviewKey | undefined {
  return previewKey.safeParse(data).data;
}

export function readAnnouncement(text: string | undefined): Announcement | undefined {
  try {
    const parsed = announcement.safeParse(JSON.parse(text ?? ""));
    return parsed.success ? { ...parsed.data, head: parsed.data.head } : undefined;
  } catch {
    return undefined;
  }
}

export function readPress(data: unknown): Press | undefined {
  return press.safeParse(data).data;
}
