import { appendFileSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readText, writeJson } from "../store/files.ts";

/** One attempt to deliver one event. */
export interface DeliverySummary {
  readonly id: number;
  /** The same for every attempt at one event: X-GitHub-Delivery. */
  readonly guid: string;
  readonly deliveredAt: string;
  readonly redelivery: boolean;
  /** Seconds. */
  readonly duration: number;
  readonly status: string;
  readonly statusCode: number;
  readonly event: string;
  readonly action: string | null;
  readonly installationId: number | null;
  readonly repositoryId: number | null;
}

export interface DeliveryContent {
  readonly url: string;
  readonly request: { readonly headers: Readonly<Record<string, string>>; readonly payload: unknown };
  readonly response: { readonly headers: Readonly<Record<string, string>>; readonly payload: string };
}

const most = 5000;
/** How long GitHub remembers a delivery: three days. */
const remembered = 3 * 24 * 3_600_000;

/** What was delivered and how it ended: a line for each in one file, and its content in a file of its own. */
export class Deliveries {
  readonly #folder: string;
  readonly #index: string;
  readonly #summaries: DeliverySummary[];
  readonly #now: () => Date;

  constructor(folder: string, now: () => Date) {
    this.#folder = folder;
    this.#now = now;
    this.#index = join(folder, "index.jsonl");
    mkdirSync(folder, { recursive: true });
    this.#summaries = this.#read();
    while (this.#summaries.length > most) this.#forgetOldest();
    writeFileSync(this.#index, this.#summaries.map((summary) => `${JSON.stringify(summary)}\n`).join(""));
  }

  add(summary: DeliverySummary, content: DeliveryContent): void {
    writeJson(this.#contentFile(summary.id), content);
    appendFileSync(this.#index, `${JSON.stringify(summary)}\n`);
    this.#summaries.push(summary);
    if (this.#summaries.length > most) this.#forgetOldest();
  }

  /** Newest first, as GitHub lists them. */
  list(): DeliverySummary[] {
    this.#forgetOld();
    return this.#summaries.toReversed();
  }

  get(id: number): { readonly summary: DeliverySummary; readonly content: DeliveryContent } | undefined {
    this.#forgetOld();
    const summary = this.#summaries.find((candidate) => candidate.id === id);
    const text = summary === undefined ? undefined : readText(this.#contentFile(id));
    if (summary === undefined || text === undefined) return undefined;
    const content: DeliveryContent = JSON.parse(text);
    return { summary, content };
  }

  #read(): DeliverySummary[] {
    const text = readText(this.#index) ?? "";
    return text
      .split("\n")
      .filter((line) => line.endsWith("}"))
      .map((line): DeliverySummary => JSON.parse(line));
  }

  #forgetOld(): void {
    const since = this.#now().getTime() - remembered;
    while (Date.parse(this.#summaries[0]?.deliveredAt ?? "") < since) this.#forgetOldest();
  }

  #forgetOldest(): void {
    const oldest = this.#summaries.shift();
    if (oldest !== undefined) rmSync(this.#contentFile(oldest.id), { force: true });
  }

  #contentFile(id: number): string {
    return join(this.#folder, `${id}.json`);
  }
}
