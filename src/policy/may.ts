import { type Permission, permissions } from "../preview/pull-request.ts";
import type { CommandName } from "./command-grammar.ts";

/** Whoever typed a command or pressed a button, as GitHub answers for them now. */
export type Person = { login: string; permission: Permission; isAuthor: boolean };

/** What they ask it for. */
export type Occasion = {
  /** Code of this very commit may run: it is trusted, or somebody approved it. */
  mayRun: boolean;
  /** The pull request comes from a fork. */
  fork: boolean;
};

/**
 * Least permission on the base repository for each command, and what the pull request's author may do without it:
 * `always`, `once approved` (the commit may run), `own branch` (the same, unless it comes from a fork), or `never`. Reading is for everyone who can comment; what costs
 * nothing but time is for those who tend the pull requests; what runs code, or chooses what it is given, is for those
 * who could push that code themselves.
 */
export const rights: Readonly<
  Record<CommandName, { least: Permission; author: "always" | "once approved" | "own branch" | "never" }>
> = {
  help: { least: "none", author: "always" },
  status: { least: "none", author: "always" },
  deploy: { least: "write", author: "once approved" },
  rebuild: { least: "write", author: "own branch" },
  rollback: { least: "write", author: "own branch" },
  set: { least: "write", author: "own branch" },
  unset: { least: "write", author: "own branch" },
  approve: { least: "write", author: "never" },
  stop: { least: "triage", author: "always" },
  sleep: { least: "triage", author: "always" },
  wake: { least: "triage", author: "once approved" },
  extend: { least: "triage", author: "once approved" },
  keep: { least: "write", author: "never" },
  logs: { least: "triage", author: "once approved" },
};

export type Refusal = {
  /** Who was refused what, and what they have. */
  reason: string;
  /** What is needed, and who can do it. */
  remedy: string;
};

export function atLeast(permission: Permission, least: Permission): boolean {
  return permissions.indexOf(permission) >= permissions.indexOf(least);
}

/** Undefined where they may; else what to tell them. */
export function refusal(name: CommandName, person: Person, occasion: Occasion): Refusal | undefined {
  const { least, author } = rights[name];
  if (atLeast(person.permission, least)) return undefined;
  const isEligible = author === "once approved" || (author === "own branch" && !occasion.fork);
  if (person.isAuthor && (author === "always" || (isEligible && occasion.mayRun))) return undefined;
  const waits = person.isAuthor && isEligible;
  return {
    reason: `@${person.login} has ${person.permission} permission, and \`/preview ${name}\` needs ${least}.`,
    remedy: waits
      ? `Someone with write permission can approve this commit with \`/preview approve\`; after that you may do this yourself.`
      : `Someone with ${least} permission can do it by writing \`/preview ${name}\` here.`,
  };
}
