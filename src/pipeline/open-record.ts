import { recordNames } from "../preview/names.ts";
import type { Preview, PreviewSpec } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import type { World } from "./world.ts";

/** Finds or creates the pull request's record and makes this attempt its owner. */
export async function openRecord(
  world: World,
  pr: PullRequest,
  found: Preview | undefined,
  signal: AbortSignal,
): Promise<Preview> {
  const names = recordNames(pr.repository, pr.key.repository.id, pr.number);
  const record = found ?? (await world.records.ensure(pr.key, names, newSpec(pr), signal));
  return await world.records.claim(record, signal);
}

/** What a record says of a pull request for which nobody has asked anything yet. */
export function newSpec(pr: PullRequest): PreviewSpec {
  const { repository, number, installation } = pr.key;
  return {
    repository: { ...repository, fullName: `${pr.owner}/${pr.repository}` },
    pullRequest: number,
    installation,
    want: "running",
  };
}
