import type { GitHub } from "../context.ts";
import type { Markdown } from "./markdown.ts";
import type { DeliveryIndex } from "./pull/delivery-index.ts";

/** What pages are made from. */
export interface Site {
  readonly github: GitHub;
  /** Where the lab writes its progress; undefined outside the lab. */
  readonly boardFile: string | undefined;
  readonly deliveries: DeliveryIndex;
  readonly markdown: Markdown;
}
