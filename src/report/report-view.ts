import type { Preview } from "../preview/preview.ts";

/** Everything that a report may say; a report is a function of this alone. */
export type ReportView = {
  preview: Preview;
  pullRequest: {
    owner: string;
    repository: string;
    repositoryId: number;
    number: number;
    /** The head commit that the report is about. */
    commit: string;
  };
  /** The preview's address, which answers with a status page before it is ready. */
  address: string;
  /** The pull request is closed and everything of it is proven gone. */
  removed?: { seconds: number };
};
