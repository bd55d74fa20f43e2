import { recordNames } from "../preview/names.ts";
import type { Preview } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import type { World } from "./world.ts";

/** Finds or creates the pull request's record and makes this attempt its owner. */
export async function openRecord(
  world: World,
  pr: PullRequest,
  found: Preview | undefined,
  signal: AbortSignal,
): Promise<Preview> {
  const { repository, number, installation } = pr.key;
  const record =
    found ??
    (await world.records.ensure(
      pr.key,
      recordNames(pr.repository, repository.id, number),
      {
        repository: { ...repository, fullName: `${pr.owner}/${pr.repository}` },
        pullRequest: number,
        installation,
        want: "running",
      },
      signal,
    ));
  return await world.records.claim(record, signal);
}
