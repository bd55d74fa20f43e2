import { z } from "zod";
import type { PullRequestRecord, RepositoryRecord } from "../../store/records.ts";
import type { Deliveries, DeliverySummary } from "../../webhooks/deliveries.ts";

const numbered = z.object({ number: z.number() });

/** Where the payloads we send name their pull request. */
const aboutPullRequest = z.union([
  z.object({ pull_request: numbered }).transform(({ pull_request }) => [pull_request.number]),
  z.object({ issue: numbered }).transform(({ issue }) => [issue.number]),
  z
    .object({ check_run: z.object({ pull_requests: z.array(numbered) }) })
    .transform(({ check_run }) => check_run.pull_requests.map(({ number }) => number)),
]);

const mostLookedAt = 300;

/** Finds the deliveries of a pull request; each one's content is read once. */
export class DeliveryIndex {
  readonly #deliveries: Deliveries;
  readonly #numbers = new Map<string, readonly number[]>();

  constructor(deliveries: Deliveries) {
    this.#deliveries = deliveries;
  }

  /** Newest first. */
  of(repository: RepositoryRecord, pull: PullRequestRecord): DeliverySummary[] {
    return this.#deliveries
      .list()
      .filter(({ repositoryId }) => repositoryId === repository.id)
      .slice(0, mostLookedAt)
      .filter((delivery) => this.#numbersOf(delivery).includes(pull.number));
  }

  #numbersOf({ id, guid }: DeliverySummary): readonly number[] {
    const known = this.#numbers.get(guid);
    if (known !== undefined) return known;
    const parsed = aboutPullRequest.safeParse(this.#deliveries.get(id)?.content.request.payload);
    const numbers = parsed.data ?? [];
    this.#numbers.set(guid, numbers);
    return numbers;
  }
}
