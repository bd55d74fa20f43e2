import { keyString, type PreviewKey, sameKey } from "../../src/preview/key.ts";
import type { Permission } from "../../src/preview/pull-request.ts";
import type { Remark, Speaker } from "./remarks.ts";

export type Spoken = {
  key: PreviewKey;
  id: number;
  remark: Remark;
  by: Speaker;
  at: Date;
  /** It was asked for that somebody reads it. */
  heard: boolean;
};

/** What people have done on GitHub, and what that lets Greenroom do: known without asking any of its code. */
export type People = {
  opened(key: PreviewKey, fork: boolean, author: Permission): void;
  committed(key: PreviewKey, commit: string): void;
  permitted(key: PreviewKey, author: Permission): void;
  said(spoken: Spoken, approved: string | undefined): void;
  spoken(): readonly Spoken[];
  /** What was heard so far may be forgotten. */
  forget(): void;
  /** Whether somebody who may has ever let this commit run. */
  mayRun(commit: string): boolean;
  /** Whether this person may ever have had the rights of those who write to the repository. */
  mayWrite(key: PreviewKey, by: Speaker): boolean;
};

type Thread = { key: PreviewKey; fork: boolean; authorWrites: boolean; commits: Set<string> };
type Approval = { key: PreviewKey; commit: string; by: Speaker };

const writes = (permission: Permission): boolean => ["write", "maintain", "admin"].includes(permission);

export function createPeople(): People {
  const threads: Thread[] = [];
  const approvals: Approval[] = [];
  const spoken: Spoken[] = [];
  const threadOf = (key: PreviewKey): Thread => {
    const found = threads.find((each) => sameKey(each.key, key));
    if (found === undefined) throw new Error(`nobody has opened ${keyString(key)}`);
    return found;
  };
  const mayWrite = (key: PreviewKey, by: Speaker): boolean =>
    by === "maintainer" || (by === "author" && threadOf(key).authorWrites);
  return {
    opened: (key, fork, author) => {
      threads.push({ key, fork, authorWrites: writes(author), commits: new Set() });
    },
    committed: (key, commit) => {
      threadOf(key).commits.add(commit);
    },
    permitted: (key, author) => {
      const thread = threadOf(key);
      thread.authorWrites ||= writes(author);
    },
    said: (one, approved) => {
      spoken.push(one);
      if (approved !== undefined) approvals.push({ key: one.key, commit: approved, by: one.by });
    },
    spoken: () => spoken,
    forget: () => {
      for (const each of spoken) each.heard = false;
    },
    mayRun: (commit) => {
      const thread = threads.find(({ commits }) => commits.has(commit));
      if (thread === undefined) throw new Error(`nobody has made ${commit}`);
      if (!thread.fork && thread.authorWrites) return true;
      return approvals.some((each) => each.commit === commit && mayWrite(each.key, each.by));
    },
    mayWrite,
  };
}
