import type { GitHub } from "../context.ts";
import { isAncestor } from "../git/history.ts";
import { mergedTree, writeCommit } from "../git/write.ts";
import { noreplyAddress } from "../present/users.ts";
import type { RepositoryRecord, UserRecord } from "../store/records.ts";
import { recordPush } from "./pushes.ts";
import { Refusal } from "./refusal.ts";

/**
 * Merges the default branch into a branch that is behind it, as GitHub does before a deployment unless told not to.
 * Returns what it did in words, or undefined where there was nothing to do.
 */
export async function bringUpToDate(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
  ref: string,
  sha: string,
): Promise<string | undefined> {
  const { git } = github;
  const path = git.pathOf(repository.id);
  const base = await git.branch(repository.id, repository.defaultBranch);
  if (base === undefined || (await isAncestor(path, base, sha))) return undefined;
  const tip = await git.branch(repository.id, ref);
  const tree = tip === undefined ? undefined : await mergedTree(path, tip, base);
  if (tip === undefined || tree === undefined) {
    throw new Refusal(409, `Conflict merging ${repository.defaultBranch} into ${ref}.`);
  }
  const merged = await writeCommit(path, {
    tree,
    parents: [tip, base],
    message: `Merge branch '${repository.defaultBranch}' into ${ref}`,
    author: { name: actor.name, email: noreplyAddress(actor), at: github.now() },
  });
  const full = `refs/heads/${ref}`;
  await git.moveRef(repository.id, full, merged, tip);
  await recordPush(github, actor, repository, [{ ref: full, before: tip, after: merged }]);
  return `Auto-merged ${repository.defaultBranch} into ${ref} on deployment.`;
}
