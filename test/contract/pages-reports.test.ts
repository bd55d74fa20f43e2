import { expect, test } from "vitest";
import { createMarkdown } from "../../infra/local/github/pages/markdown.ts";
import { comment } from "../../src/report/comment.ts";
import { allStates } from "../core/report/all-states.ts";
import { withPage } from "../support/browser.ts";

/** A browser on a busy machine takes its time. */
const patience = 180_000;

type Shown = {
  name: string;
  firstLine: string;
  rows: number;
  links: string[];
  openDetails: number;
  details: number;
  foreign: number;
};

/** What a person sees of each comment, found out in the browser. */
const inspection = `[...document.querySelectorAll("article")].map((article) => ({
  name: article.dataset.name,
  firstLine: article.querySelector("p").innerText,
  rows: article.querySelectorAll("tbody tr").length,
  links: [...article.querySelectorAll("a")].map(({ href }) => href),
  openDetails: article.querySelectorAll("details[open]").length,
  details: article.querySelectorAll("details").length,
  foreign: article.querySelectorAll("img, script, iframe, form, input, style, span, h1, h2, h3, b").length,
}))`;

test(
  "every comment is shown with its state first, its rows, its details closed and none but our links",
  async () => {
    const markdown = createMarkdown();
    const articles = await Promise.all(
      Object.entries(allStates).map(async ([name, state]) => {
        const html = await markdown(comment(state));
        return `<article data-name="${name}">${html.toString()}</article>`;
      }),
    );
    const shown = await withPage("about:blank", async (page) => {
      await page.setContent(`<!doctype html><body>${articles.join("\n")}</body>`);
      return await page.evaluate<Shown[]>(inspection);
    });
    expect(shown.map(({ name }) => name)).toEqual(Object.keys(allStates));
    for (const { name, firstLine, rows, links, openDetails, details, foreign } of shown) {
      const state = allStates[name] ?? never(name);
      const images = state.preview.status.images?.length ?? 0;
      const hasTable = comment(state).includes("\n| image |");
      const hasLog = comment(state).includes("\n<details>");
      expect({ name, rows, details, openDetails, foreign }).toEqual({
        name,
        rows: hasTable ? images : 0,
        details: hasLog ? 1 : 0,
        openDetails: 0,
        foreign: 0,
      });
      expect(firstLine).toMatch(/^Preview · [a-z]/);
      expect(links.filter((link) => !ours.some((each) => link.startsWith(each)))).toEqual([]);
    }
  },
  patience,
);

const ours = [
  "https://12-shop.preview.example/",
  "https://api--12-shop.preview.example/",
  "https://greenroom.example/12-shop",
  "https://github.example/acme/shop/compare/",
];

function never(name: string): never {
  throw new Error(`there is no state ${name}`);
}
