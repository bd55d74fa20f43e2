import { strikes } from "./chance.ts";
import { pathPattern } from "./pattern.ts";
import type { FaultRule, RequestEffect, RequestRule, Surface, WebhookEffect, WebhookRule } from "./rule.ts";

/** A rule and what has come of it. */
export interface Fault {
  readonly id: number;
  readonly rule: FaultRule;
  /** How many requests or deliveries it fitted. */
  readonly seen: number;
  /** How many of them it struck. */
  readonly struck: number;
}

export interface RequestFacts {
  readonly surface: Surface;
  readonly method: string;
  /** Without /api/v3. */
  readonly path: string;
  readonly by: "anonymous" | "app" | "installation" | "user";
  /** Whether the request is about this repository, "owner/name". */
  readonly isAbout: (fullName: string) => boolean;
}

export interface DeliveryFacts {
  readonly event: string;
  readonly action: string | null;
  readonly redelivery: boolean;
  readonly isAbout: (fullName: string) => boolean;
}

/** What one rule does to one request or delivery. */
export interface Strike<Effect> {
  readonly faultId: number;
  readonly effect: Effect;
}

interface Entry<Rule, Facts> {
  readonly id: number;
  readonly rule: Rule;
  readonly fits: (facts: Facts) => boolean;
  readonly isDue: () => boolean;
  seen: number;
  struck: number;
}

/** What has been asked to go wrong. One list for the whole stand-in, looked at from its beginning. */
export class Faults {
  readonly #requests: Entry<RequestRule, RequestFacts>[] = [];
  readonly #deliveries: Entry<WebhookRule, DeliveryFacts>[] = [];
  readonly #listeners = new Set<(removed: readonly number[]) => void>();
  #lastId = 0;

  add(rule: FaultRule): Fault {
    this.#lastId += 1;
    const counters = { id: this.#lastId, isDue: strikes(rule.when), seen: 0, struck: 0 };
    if (rule.on === "request") this.#requests.push({ ...counters, rule, fits: requestMatcher(rule) });
    else this.#deliveries.push({ ...counters, rule, fits: deliveryMatcher(rule) });
    return { id: this.#lastId, rule, seen: 0, struck: 0 };
  }

  /** In the order in which they were added. */
  list(): Fault[] {
    return [...this.#requests, ...this.#deliveries]
      .map(({ id, rule, seen, struck }) => ({ id, rule, seen, struck }))
      .toSorted((one, other) => one.id - other.id);
  }

  /** False: there is no such rule. */
  remove(id: number): boolean {
    return this.#removeIf((entry) => entry.id === id) > 0;
  }

  clear(): void {
    this.#removeIf(() => true);
  }

  /** Calls `listener` with the ids of rules that were taken away. */
  onRemoved(listener: (removed: readonly number[]) => void): void {
    this.#listeners.add(listener);
  }

  /** Whether any rule could strike a request. */
  concernRequests(): boolean {
    return this.#requests.length > 0;
  }

  /** What happens to a request: delays, and at most one thing that decides how it ends. */
  strikeRequest(facts: RequestFacts): Strike<RequestEffect>[] {
    const found: Strike<RequestEffect>[] = [];
    for (const entry of this.#requests) {
      if (!due(entry, facts)) continue;
      found.push({ faultId: entry.id, effect: entry.rule.effect });
      if (entry.rule.effect.do !== "delay") break;
    }
    return found;
  }

  /** What happens to a delivery. */
  strikeDelivery(facts: DeliveryFacts): Strike<WebhookEffect>[] {
    return this.#deliveries
      .filter((entry) => due(entry, facts))
      .map(({ id, rule }) => ({ faultId: id, effect: rule.effect }));
  }

  #removeIf(chosen: (entry: { readonly id: number }) => boolean): number {
    const removed = [...take(this.#requests, chosen), ...take(this.#deliveries, chosen)].map(({ id }) => id);
    for (const listener of this.#listeners) listener(removed);
    return removed.length;
  }
}

/** Takes the chosen ones out of a list. */
function take<T>(list: T[], chosen: (item: T) => boolean): T[] {
  const taken = list.filter(chosen);
  const kept = list.filter((item) => !taken.includes(item));
  list.splice(0, list.length, ...kept);
  return taken;
}

function due<Rule, Facts>(entry: Entry<Rule, Facts>, facts: Facts): boolean {
  if (!entry.fits(facts)) return false;
  entry.seen += 1;
  if (!entry.isDue()) return false;
  entry.struck += 1;
  return true;
}

function requestMatcher({ match }: RequestRule): (facts: RequestFacts) => boolean {
  const { surface, method, path, repository, by } = match;
  const isOnPath = path === undefined ? () => true : pathPattern(path);
  return (facts) =>
    (surface === undefined || surface === facts.surface) &&
    (method === undefined || method === facts.method) &&
    (by === undefined || by === facts.by) &&
    isOnPath(facts.path) &&
    (repository === undefined || facts.isAbout(repository));
}

function deliveryMatcher({ match }: WebhookRule): (facts: DeliveryFacts) => boolean {
  const { event, action, repository, redelivery } = match;
  return (facts) =>
    (event === undefined || event === facts.event) &&
    (action === undefined || action === facts.action) &&
    (redelivery === undefined || redelivery === facts.redelivery) &&
    (repository === undefined || facts.isAbout(repository));
}
