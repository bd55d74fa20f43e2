import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  readonly colorScheme?: "light" | "dark";
  /** Pixels of the picture for each of the page's. */
  readonly scale?: number;
}

const places = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Chromium stays by itself: no first-run pages, no calls to its maker, no QUIC. */
const flags = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** The browser of this machine; GREENROOM_CHROMIUM names another. */
function executable(): string {
  const named = process.env["GREENROOM_CHROMIUM"];
  const found = named ?? places.find((path) => existsSync(path));
  if (found === undefined) throw new Error("There is no Chromium here: apt-get install chromium");
  return found;
}

/** Opens a page in a headless browser with a profile of its own, and closes it when `work` is done. */
export async function withPage<T>(
  url: string,
  work: (page: Page, browser: BrowserContext) => Promise<T>,
  { width = 1280, height = 900, colorScheme = "light", scale = 1 }: PageOptions = {},
): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), "greenroom-browser-"));
  try {
    const browser = await chromium.launchPersistentContext(profile, {
      executablePath: executable(),
      headless: true,
      args: flags,
      viewport: { width, height },
      colorScheme,
      deviceScaleFactor: scale,
    });
    try {
      const page = await browser.newPage();
      await page.goto(url);
      return await work(page, browser);
    } finally {
      await browser.close();
    }
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 });
  }
}
