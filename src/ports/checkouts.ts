import type { GitAccess } from "./pull-requests.ts";

/** One entry of a commit's tree. `mode` is git's: a file, an executable file, a symbolic link or a submodule. */
export type TreeEntry = { path: string; mode: "100644" | "100755" | "120000" | "160000"; objectId: string };

/** The files of one commit, read only. Every symbolic link in it resolves inside it. */
export type Checkout = {
  commit: string;
  /** Absolute path of the work tree. */
  directory: string;
  /** All entries below the root, in git's order. */
  entries: readonly TreeEntry[];
  /** Text of a file, or undefined where there is none. Paths are relative to the root; links are followed inside it. */
  readText(path: string): Promise<string | undefined>;
  dispose(): Promise<void>;
};

export type Checkouts = {
  /**
   * Fetches one commit and lays out its files. Rejects with a user's failure where a symbolic link leaves the
   * checkout, and with `commit-not-found` where the commit is no longer there.
   */
  fetch(repositoryId: number, access: GitAccess, commit: string, signal: AbortSignal): Promise<Checkout>;
};
