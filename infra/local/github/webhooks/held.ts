/** A delivery that waits for later ones to be over. */
export interface Held<Attempt> {
  readonly attempt: Attempt;
  readonly faultId: number;
  readonly until: { readonly event?: string | undefined; readonly action?: string | undefined };
  remaining: number;
}

interface AboutDelivery {
  readonly event: string;
  readonly action: string | null;
  readonly repositoryId: number | null;
}

/** Deliveries that are held back, in the order in which they came. */
export class HeldDeliveries<Attempt extends AboutDelivery> {
  readonly #held: Held<Attempt>[] = [];

  keep(held: Held<Attempt>): void {
    this.#held.push(held);
  }

  /** Takes note that a delivery is over; returns those that waited for it alone. */
  over({ event, action, repositoryId }: AboutDelivery): Attempt[] {
    for (const held of this.#held) {
      const isCounted =
        held.attempt.repositoryId === repositoryId &&
        (held.until.event === undefined || held.until.event === event) &&
        (held.until.action === undefined || held.until.action === action);
      if (isCounted) held.remaining -= 1;
    }
    return this.#take(({ remaining }) => remaining === 0);
  }

  /** Those that one of these rules held back; they wait no longer. */
  freedFrom(faultIds: readonly number[]): Attempt[] {
    return this.#take(({ faultId }) => faultIds.includes(faultId));
  }

  /** All of them. */
  all(): Attempt[] {
    return this.#take(() => true);
  }

  #take(chosen: (held: Held<Attempt>) => boolean): Attempt[] {
    const taken = this.#held.filter(chosen);
    const kept = this.#held.filter((held) => !taken.includes(held));
    this.#held.splice(0, this.#held.length, ...kept);
    return taken.map(({ attempt }) => attempt);
  }
}
