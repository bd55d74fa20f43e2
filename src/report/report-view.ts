import type { Preview } from "../preview/preview.ts";

/** Everything that reports are made of. */
export type ReportView = {
  preview: Preview;
  pullRequest: {
    owner: string;
    repository: string;
    repositoryId: number;
    number: number;
    /** Its page on GitHub. */
    url?: string;
    /** Its head commit. */
    commit: string;
  };
  /** The preview's own address, which is known before anything answers there. */
  address: string;
  /** Everything of the preview is proven gone. */
  removed?: { seconds: number };
  /** What becomes of a preview that nobody uses, where the operator wants that. */
  unused?: "remove" | "sleep";
  /** After so many hours without use. */
  idleHours?: number;
  links?: { log?: string; page?: string };
};
