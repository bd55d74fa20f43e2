/** One attempt of GitHub's to deliver a webhook. Attempts of the same event have the same `guid`. */
export type DeliveryAttempt = { id: string; guid: string; deliveredAt: Date; succeeded: boolean };

/** The App's webhook deliveries as GitHub remembers them (https://docs.github.com/en/rest/apps/webhooks). */
export type Deliveries = {
  /** All attempts since then at events of which one attempt has failed, newest first. */
  troubled(since: Date, signal: AbortSignal): Promise<DeliveryAttempt[]>;
  /** Asks GitHub to deliver the same payload once more. */
  redeliver(id: string, signal: AbortSignal): Promise<void>;
};
