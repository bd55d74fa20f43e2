import { createHmac, randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { Agent, fetch } from "undici";
import type { Complain } from "../context.ts";
import type { Faults } from "../faults/faults.ts";
import type { WebhookEffect } from "../faults/rule.ts";
import { webhookDescription } from "../schemas/published.ts";
import type { Store } from "../store/store.ts";
import type { Deliveries, DeliveryContent, DeliverySummary } from "./deliveries.ts";
import { HeldDeliveries } from "./held.ts";

/** An event as the app is told of it. */
export interface WebhookEvent {
  readonly event: string;
  readonly action: string | undefined;
  readonly installationId: number;
  readonly repositoryId: number | undefined;
  readonly payload: Readonly<Record<string, unknown>>;
}

export interface WebhookTarget {
  readonly url: string;
  readonly secret: string;
  readonly appId: number;
}

interface Attempt {
  readonly guid: string;
  readonly redelivery: boolean;
  readonly event: string;
  readonly action: string | null;
  readonly installationId: number | null;
  readonly repositoryId: number | null;
  readonly payload: unknown;
}

export interface WebhookTools {
  readonly now: () => Date;
  readonly complain: Complain;
  /** What is to go wrong on the way. */
  readonly faults: Faults;
}

/** How long GitHub waits for an answer. */
const answerDeadline = 10_000;
const largestAnswer = 64 * 1024;

/** Sends events to the app's webhook, once each; a failed one stays failed until somebody asks for it again. */
export class Webhooks {
  readonly deliveries: Deliveries;
  readonly #store: Store;
  readonly #target: WebhookTarget;
  readonly #now: () => Date;
  readonly #complain: Complain;
  readonly #faults: Faults;
  readonly #held = new HeldDeliveries<Attempt>();
  readonly #underway = new Set<Promise<void>>();
  readonly #closing = new AbortController();
  /** A connection for each delivery: one kept from before might lead to a process that is gone. */
  readonly #agent = new Agent({ pipelining: 0 });

  constructor(store: Store, deliveries: Deliveries, target: WebhookTarget, { now, complain, faults }: WebhookTools) {
    this.#store = store;
    this.deliveries = deliveries;
    this.#target = target;
    this.#now = now;
    this.#complain = complain;
    this.#faults = faults;
    faults.onRemoved((removed) => {
      for (const attempt of this.#held.freedFrom(removed)) this.#track(attempt, []);
    });
  }

  /** Checks the payload against the published schema and starts its delivery; does not wait for it. */
  send({ event, action, installationId, repositoryId, payload }: WebhookEvent): void {
    const problem = webhookDescription().payload(event, action)(payload);
    if (problem !== undefined) throw new Error(`the payload of ${event} ${action ?? ""} is not GitHub's: ${problem}`);
    this.#start({
      guid: randomUUID(),
      redelivery: false,
      event,
      action: action ?? null,
      installationId,
      repositoryId: repositoryId ?? null,
      payload,
    });
  }

  /** Sends a delivery's content again under its guid. False: no such delivery. */
  redeliver(id: number): boolean {
    const known = this.deliveries.get(id);
    if (known === undefined) return false;
    this.#start({ ...known.summary, redelivery: true, payload: known.content.request.payload });
    return true;
  }

  /** Resolves when no delivery is under way; those that a rule holds back are not. */
  async settled(): Promise<void> {
    while (this.#underway.size > 0) await Promise.all(this.#underway);
  }

  /** Gives up what is under way, and waits until that is recorded. */
  async close(): Promise<void> {
    this.#closing.abort();
    for (const attempt of this.#held.all()) this.#track(attempt, []);
    await this.settled();
    await this.#agent.close();
  }

  /** Sends a delivery on its way, as far as the rules let it. */
  #start(attempt: Attempt): void {
    const { event, action, redelivery, repositoryId } = attempt;
    const isAbout = (fullName: string): boolean => {
      const [owner = "", name = ""] = fullName.split("/");
      return repositoryId !== null && this.#store.repositoryByName(owner, name)?.id === repositoryId;
    };
    const strikes = this.#faults.strikeDelivery({ event, action, redelivery, isAbout });
    for (const { faultId, effect } of strikes) {
      if (effect.do !== "hold") continue;
      this.#held.keep({ attempt, faultId, until: effect.until, remaining: effect.deliveries });
      return;
    }
    this.#track(
      attempt,
      strikes.map(({ effect }) => effect),
    );
  }

  #track(attempt: Attempt, effects: readonly WebhookEffect[]): void {
    const work = this.#travel(attempt, effects).catch((error: unknown) => {
      this.#complain("a delivery could not be recorded", { guid: attempt.guid, error: String(error) });
    });
    this.#underway.add(work);
    void work.finally(() => this.#underway.delete(work));
  }

  async #travel(attempt: Attempt, effects: readonly WebhookEffect[]): Promise<void> {
    const delay = sum(effects.map((effect) => (effect.do === "delay" ? effect.milliseconds : 0)));
    if (delay > 0) await pause(delay, undefined, { signal: this.#closing.signal }).catch(() => undefined);
    const copies = sum(effects.map((effect) => (effect.do === "duplicate" ? effect.times : 0)));
    const isDropped = effects.some((effect) => effect.do === "drop");
    for (let sent = 0; sent <= copies; sent += 1) await this.#deliver(attempt, isDropped);
    for (const freed of this.#held.over(attempt)) this.#track(freed, []);
  }

  async #deliver(attempt: Attempt, isDropped: boolean): Promise<void> {
    const body = JSON.stringify(attempt.payload);
    const headers = this.#headers(attempt, body);
    const startedAt = this.#now();
    const started = performance.now();
    const answer = isDropped ? unreached : await this.#post(headers, body);
    const summary: DeliverySummary = {
      id: this.#store.nextId(),
      guid: attempt.guid,
      deliveredAt: startedAt.toISOString(),
      redelivery: attempt.redelivery,
      duration: Math.round(performance.now() - started) / 1000,
      status: answer.status,
      statusCode: answer.statusCode,
      event: attempt.event,
      action: attempt.action,
      installationId: attempt.installationId,
      repositoryId: attempt.repositoryId,
    };
    const content: DeliveryContent = {
      url: this.#target.url,
      request: { headers, payload: attempt.payload },
      response: { headers: answer.headers, payload: answer.payload },
    };
    this.deliveries.add(summary, content);
  }

  #headers(attempt: Attempt, body: string): Record<string, string> {
    const sign = (algorithm: string): string =>
      `${algorithm}=${createHmac(algorithm, this.#target.secret).update(body).digest("hex")}`;
    return {
      Accept: "*/*",
      "Content-Type": "application/json",
      "User-Agent": "GitHub-Hookshot/7c4d2e1",
      "X-GitHub-Delivery": attempt.guid,
      "X-GitHub-Event": attempt.event,
      "X-GitHub-Hook-ID": String(this.#target.appId),
      "X-GitHub-Hook-Installation-Target-ID": String(this.#target.appId),
      "X-GitHub-Hook-Installation-Target-Type": "integration",
      "X-Hub-Signature": sign("sha1"),
      "X-Hub-Signature-256": sign("sha256"),
    };
  }

  async #post(headers: Record<string, string>, body: string): Promise<Answer> {
    const deadline = AbortSignal.timeout(answerDeadline);
    const signal = AbortSignal.any([deadline, this.#closing.signal]);
    try {
      const request = { method: "POST", headers, body, redirect: "manual", signal, dispatcher: this.#agent } as const;
      const response = await fetch(this.#target.url, request);
      const payload = (await response.text()).slice(0, largestAnswer);
      return {
        status: response.ok ? "OK" : `Invalid HTTP Response: ${response.status}`,
        statusCode: response.status,
        headers: Object.fromEntries(response.headers),
        payload,
      };
    } catch {
      return deadline.aborted ? { ...unreached, status: "timed out", statusCode: 504 } : unreached;
    }
  }
}

interface Answer {
  readonly status: string;
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
}

function sum(amounts: readonly number[]): number {
  return amounts.reduce((one, other) => one + other, 0);
}

/** Nobody was there, or so it seems. */
const unreached: Answer = { status: "failed to connect to host", statusCode: 502, headers: {}, payload: "" };
