// Takes the pictures of docs/comments.md from the agreed texts, as GitHub would show them:
//   node infra/docs/comment-pictures.ts
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { withPage } from "../../test/support/browser.ts";
import { createMarkdown } from "../local/github/pages/markdown.ts";
import { pictureOf, shownStates } from "./comments.ts";

const root = join(import.meta.dirname, "../..");
const view = { width: 800, height: 900 };

const markdown = createMarkdown();
const style = await readFile(join(root, "infra/local/github/pages/assets/style.css"), "utf8");
const articles = await Promise.all(
  shownStates.map(async ({ name }) => {
    const text = await readFile(join(root, "test/core/report/golden", `${name}.md`), "utf8");
    // Opened, so that the picture shows what is folded away.
    const html = await markdown(text);
    const body = html.toString().replaceAll("<details>", "<details open>");
    const header = '<header><strong>greenroom</strong> <span class="badge">bot</span></header>';
    return `<article class="comment bot" id="${name}">${header}<div class="body markdown">${body}</div></article>`;
  }),
);
await withPage(
  "about:blank",
  async (page) => {
    await page.setContent(
      `<!doctype html><html lang="en"><style>${style}</style><body style="padding:12px">${articles.join("\n")}</body></html>`,
    );
    for (const state of shownStates) {
      const image = await page.locator(`[id="${state.name}"]`).screenshot();
      const file = join(root, "docs", pictureOf(state));
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, image);
      console.log(`wrote ${file}: ${Math.ceil(image.length / 1024)} KB`);
    }
  },
  view,
);
