// Takes the README's picture of a pull request's page, from a running lab:
//   npm run demo -- --keep, and then: node infra/docs/pictures.ts --url http://127.0.0.1:4000/<owner>/<repo>/pull/<number>
import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { withPage } from "../../test/support/browser.ts";

const usual = join(import.meta.dirname, "../../docs/images/pull-request.png");
const mostBytes = 200 * 1024;
const width = 1200;
/** No higher than a reader's screen. */
const mostHeight = 1200;
/** Sharper is better, as long as the file stays small. */
const scales = [2, 1.5, 1];

async function picture(url: string, scale: number): Promise<Buffer> {
  return withPage(
    url,
    async (page) => {
      await page.waitForSelector("html[data-live=on]");
      // The thread and what follows from it; the form to write more says nothing.
      const end = await page.locator("#merge").boundingBox();
      const height = end === null ? mostHeight : Math.min(Math.ceil(end.y + end.height) + 12, mostHeight);
      return page.screenshot({ clip: { x: 0, y: 0, width, height }, fullPage: true });
    },
    { width, height: 800, scale },
  );
}

const { values } = parseArgs({ options: { url: { type: "string" }, out: { type: "string", default: usual } } });
if (values.url === undefined) {
  console.error("usage: pictures.ts --url PULL_REQUEST_PAGE [--out FILE]");
  process.exit(2);
}
for (const scale of scales) {
  const image = await picture(values.url, scale);
  if (image.length > mostBytes) continue;
  await mkdir(dirname(values.out), { recursive: true });
  await writeFile(values.out, image);
  console.log(`wrote ${values.out}: ${Math.ceil(image.length / 1024)} KB`);
  process.exit(0);
}
console.error(`the picture is larger than ${mostBytes / 1024} KB`);
process.exitCode = 1;
