import { traitsOf } from "../policy/traits.ts";
import { recordNames } from "../preview/names.ts";
import type { Preview, PreviewSpec } from "../preview/preview.ts";
import type { PullRequest } from "../preview/pull-request.ts";
import { SupersededError } from "../ports/records.ts";
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
  return await takeAsRead(world, record, found?.status.attempt, signal);
}

/** Makes this attempt the owner of a record that it has decided about. */
export async function claimAsRead(world: World, found: Preview, signal: AbortSignal): Promise<Preview> {
  return await takeAsRead(world, found, found.status.attempt, signal);
}

/**
 * Where another attempt has owned the record since it was read, what was decided is out of date: a worker that was
 * stopped meanwhile must not undo it. Then both step back, and another look decides.
 */
async function takeAsRead(
  world: World,
  record: Preview,
  attempt: number | undefined,
  signal: AbortSignal,
): Promise<Preview> {
  const claimed = await world.records.claim(record, signal);
  const { attempt: number = 1, ended } = claimed.status;
  const overtakes = number > 1 && ended !== number - 1;
  const own = overtakes
    ? await world.records.report(claimed, { overtakenAt: world.clock.now().toISOString() }, signal)
    : claimed;
  if (number !== (attempt ?? 0) + 1) throw new SupersededError(own.name);
  return own;
}

/** What a record says of a pull request for which nobody has asked anything yet. */
export function newSpec(pr: PullRequest): PreviewSpec {
  const { repository, number, installation } = pr.key;
  return {
    repository: { ...repository, fullName: `${pr.owner}/${pr.repository}` },
    pullRequest: number,
    installation,
    want: "running",
    traits: traitsOf(pr),
  };
}
