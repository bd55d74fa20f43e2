import { afterAll, beforeAll, expect, test } from "vitest";
import { addLabels } from "../../infra/local/github/actions/labels.ts";
import { createMarkdown } from "../../infra/local/github/pages/markdown.ts";
import { cloneOf, type World } from "../integration/github/world.ts";
import { withPage } from "../support/browser.ts";
import { startPages } from "./pages-world.ts";

/** A browser on a busy machine takes its time. */
const patience = 180_000;

let world: World;
beforeAll(async () => {
  world = await startPages();
});
afterAll(() => world.close());

const attack = `"'><img src=x onerror="window.broken=1"><script>window.broken=1</script>`;
const body = [
  attack,
  "<iframe src='https://elsewhere.example/frame'></iframe><object data=x></object><embed src=x>",
  "<svg onload='window.broken=1'><style>body{display:none}</style></svg>",
  "<style>body { display: none }</style><link rel=stylesheet href=https://elsewhere.example/x.css>",
  "<form action=/-/repositories method=post><button>Press me</button></form>",
  "<a href='javascript:window.broken=1'>one</a> [two](javascript:window.broken=1) [three](data:text/html,x)",
  "<a href='//elsewhere.example'>four</a> <a href=https://elsewhere.example onclick=window.broken=1>five</a>",
  "![a picture](https://elsewhere.example/pixel.png)",
  "<div id=heading class=top data-part data-testid=state>not the heading</div>",
  "<meta http-equiv=refresh content='0;url=https://elsewhere.example'><base href=https://elsewhere.example>",
  "</div></article></section></main><table><td>",
  "The end of it.",
].join("\n\n");

/** What a page has that could act, found out in the browser. */
const inspection = `({
  broken: "broken" in window,
  scripts: [...document.scripts].map(({ src }) => new URL(src).pathname),
  elements: document.querySelectorAll("iframe, object, embed, style, base, meta[http-equiv], "
    + ".markdown :is(form, button, input, img, svg, [id], [class], [style])").length,
  links: [...document.links].filter(({ protocol }) => !["http:", "https:"].includes(protocol)).length,
  handlers: [...document.querySelectorAll("*")].filter((element) =>
    element.getAttributeNames().some((name) => name.startsWith("on"))).length,
  forms: [...document.forms].filter((form) => !(form.getAttribute("action") ?? "").startsWith("/-/")).length,
  visible: getComputedStyle(document.body).display,
})`;

test(
  "nothing that somebody wrote acts on the page, whether it was there or comes while one looks",
  async () => {
    await world.as("maintainer").rest.repos.createForAuthenticatedUser({ name: "target", description: attack });
    const clone = await cloneOf(world, "maintainer/target", "maintainer");
    await clone.commit("main", { "README.md": "# Target\n" });
    const branch = `"><img/src=x/onerror=window.broken=1>`;
    await clone.commit(branch, { '"><b>file': "<script>window.broken=1</script>\n" }, attack);
    await clone.git("push", "--quiet", "origin", "main", branch);
    const repository = { owner: "maintainer", repo: "target" };
    const maintainer = world.as("maintainer").rest;
    const { data: pull } = await maintainer.pulls.create({
      ...repository,
      base: "main",
      head: branch,
      title: attack,
      body,
    });
    await maintainer.issues.createComment({ ...repository, issue_number: 1, body });
    const { github } = world.hub;
    const record = github.store.repositoryByName("maintainer", "target");
    const thread = record === undefined ? undefined : github.store.pullRequest(record, 1);
    if (record === undefined || thread === undefined) throw new Error("there is no pull request");
    addLabels(github, github.store.user(record.ownerId), record, thread, [attack.slice(0, 50)]);
    const app = (await world.installation()).rest;
    await app.checks.create({
      ...repository,
      name: attack,
      head_sha: pull.head.sha,
      conclusion: "failure",
      details_url: "javascript:window.broken=1",
      output: {
        title: attack,
        summary: body,
        text: body,
        annotations: [
          { path: attack, start_line: 1, end_line: 1, annotation_level: "failure", message: attack, title: attack },
        ],
      },
      actions: [{ label: "<b>x</b>", description: "<b>x</b>", identifier: "<b>x</b>" }],
    });
    const { data: deployment } = await app.repos.createDeployment({
      ...repository,
      ref: pull.head.sha,
      environment: attack,
      auto_merge: false,
      required_contexts: [],
    });
    if (!("id" in deployment)) throw new Error("no deployment was made");
    await app.repos.createDeploymentStatus({
      ...repository,
      deployment_id: deployment.id,
      state: "success",
      environment_url: "javascript:window.broken=1",
      description: attack.slice(0, 100),
    });

    await withPage(`${world.hub.url}/maintainer/target/pull/1`, async (page) => {
      const foreign: string[] = [];
      page.on("request", (request) => {
        if (!request.url().startsWith(world.hub.url)) foreign.push(request.url());
      });
      const isHarmless = async (): Promise<void> => {
        const found = await page.evaluate(inspection);
        expect(found).toEqual({
          broken: false,
          scripts: ["/-/assets/live.js"],
          elements: 0,
          links: 0,
          handlers: 0,
          forms: 0,
          visible: "block",
        });
        expect(foreign).toEqual([]);
      };

      // What was written is shown as it was written, and the page is still whole after it.
      expect(await page.getByTestId("title").textContent()).toBe(`${attack} #1`);
      expect(await page.getByTestId("head").textContent()).toBe(branch);
      expect(await page.getByTestId("commit").textContent()).toContain(attack.slice(0, 40));
      expect(await page.getByTestId("check").getAttribute("data-name")).toBe(attack);
      expect(await page.getByTestId("check-link").count()).toBe(0);
      expect(await page.getByTestId("view-deployment").count()).toBe(0);
      expect(await page.getByTestId("comment").count()).toBe(2);
      expect(await page.locator("#heading").count()).toBe(1);
      expect(await page.locator(".columns > aside #deliveries").count()).toBe(1);
      await isHarmless();

      await page.waitForSelector("html[data-live=on]");
      await maintainer.issues.createComment({ ...repository, issue_number: 1, body: `${body}\n\nAnd once more.` });
      await page.getByText("And once more.").waitFor();
      expect(await page.getByTestId("comment").count()).toBe(3);
      expect(await page.locator(".columns > aside #deliveries").count()).toBe(1);
      await isHarmless();

      await page.goto(`${world.hub.url}/maintainer/target/pull/1/files`);
      expect(await page.getByTestId("file").textContent()).toContain("<script>window.broken=1</script>");
      await isHarmless();
      await page.goto(`${world.hub.url}/maintainer/target`);
      expect(await page.locator(`[data-testid="branch"]`).count()).toBe(2);
      await isHarmless();
      await page.goto(`${world.hub.url}/`);
      await isHarmless();
    });
  },
  patience,
);

const deep = 40_000;
test.each([
  ["quotes in quotes", ">".repeat(deep)],
  ["lists in lists", Array.from({ length: 200 }, (_, depth) => `${"  ".repeat(depth)}- x`).join("\n")],
  ["elements in elements", "<div><b>".repeat(deep / 4)],
  ["brackets", "[".repeat(deep)],
  ["emphasis that never ends", "*a _b ".repeat(deep / 6)],
  ["tables", `${"|a".repeat(500)}\n${"|-".repeat(500)}\n${`${"|a".repeat(500)}\n`.repeat(40)}`],
])("%s do not stop the page", async (_, text) => {
  const started = performance.now();
  const shown = String(await createMarkdown()(text));
  expect(shown.length).toBeGreaterThan(0);
  expect(performance.now() - started).toBeLessThan(10_000);
});
