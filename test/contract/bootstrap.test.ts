import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { withPage } from "../support/browser.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const infra = join(import.meta.dirname, "../../infra");

/** npm, which takes until it is let go, and notes that it ran. */
const npm = `#!/bin/sh
echo ran >> npm.log
until [ -e let-npm-go ]; do sleep 0.05; done
mkdir -p node_modules/node/bin
ln -s "${process.execPath}" node_modules/node/bin/node
exit $(cat let-npm-go)
`;

/** The lab, of which only the stand-in's page is there. */
const lab = `
import { createServer } from "node:http";
const port = Number(process.argv.at(-1)) + 4000;
const server = createServer((_, response) => response.end("the build board"));
server.once("error", (error) => { console.log(error.code); process.exit(7); });
server.listen(port, "127.0.0.1", () => console.log("the lab is up"));
`;

type Started = { child: ChildProcess; output: () => string; says: (text: string) => Promise<void> };

/** A checkout in which nothing is installed, and how to bring its lab up. */
function checkout(port: number) {
  const root = temporaryFolder("bootstrap-");
  for (const name of ["bootstrap.mjs", "first-page.mjs"]) cpSync(join(infra, name), join(root, "infra", name));
  mkdirSync(join(root, "infra/local/lab"), { recursive: true });
  mkdirSync(join(root, "bin"));
  writeFileSync(join(root, "package.json"), '{ "type": "module" }');
  writeFileSync(join(root, "package-lock.json"), "{}");
  writeFileSync(join(root, "infra/local/lab/main.ts"), lab);
  writeFileSync(join(root, "bin/npm"), npm, { mode: 0o755 });
  const up = (): Started => {
    const args = ["infra/bootstrap.mjs", "infra/local/lab/main.ts", "up", "--port-offset", String(port - 4000)];
    const env = { ...process.env, PATH: `${join(root, "bin")}:${process.env["PATH"]}` };
    const child = spawn(process.execPath, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    onTestFinished(() => void child.kill("SIGTERM"));
    let output = "";
    const heard = new EventTarget();
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
        heard.dispatchEvent(new Event("heard"));
      });
    }
    const says = async (text: string): Promise<void> => {
      while (!output.includes(text)) {
        const signal = AbortSignal.timeout(20_000);
        await new Promise<void>((resolve, reject) => {
          heard.addEventListener("heard", () => resolve(), { once: true });
          signal.addEventListener("abort", () => reject(new Error(`never said "${text}":\n${output}`)));
        });
      }
    };
    return { child, output: () => output, says };
  };
  return {
    up,
    letNpmGo: (code: number) => {
      writeFileSync(join(root, "code"), String(code));
      renameSync(join(root, "code"), join(root, "let-npm-go"));
    },
    runsOfNpm: () => readFileSync(join(root, "npm.log"), "utf8").trim().split("\n").length,
  };
}

/** A server on a port of this machine, and its port. */
async function listener(): Promise<{ port: number; close: () => Promise<void> }> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no address");
  return { port: address.port, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function freePort(): Promise<number> {
  const { port, close } = await listener();
  await close();
  return port;
}

describe("the first command in a fresh clone", () => {
  test("shows a page while npm installs, which turns into the stand-in's", async () => {
    const port = await freePort();
    const { up, letNpmGo } = checkout(port);
    const started = up();
    await started.says("watch it at");
    expect((await fetch(`http://127.0.0.1:${port}/api/v3/user`)).status).toBe(503);
    await withPage(`http://127.0.0.1:${port}/-/lab`, async (page) => {
      expect(await page.getByTestId("now").textContent()).toContain("npm ci");
      letNpmGo(0);
      await started.says("the lab is up");
      await page.getByText("the build board").waitFor();
    });
  });

  test("goes without a page where the port is taken", async () => {
    const { port, close } = await listener();
    onTestFinished(close);
    const { up, letNpmGo } = checkout(port);
    const started = up();
    letNpmGo(0);
    // The lab itself says what is to be said of it.
    await started.says("EADDRINUSE");
    expect(started.output()).not.toContain("watch it at");
  });

  test("ends with npm's exit code, and gives the port back", async () => {
    const port = await freePort();
    const { up, letNpmGo } = checkout(port);
    const started = up();
    await started.says("watch it at");
    letNpmGo(3);
    const [code] = await once(started.child, "exit");
    expect(code).toBe(3);
    expect(started.output()).toContain("npm ci failed");
    await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow("fetch failed");
  });

  test("installs once, however many begin at the same time", async () => {
    const { up, letNpmGo, runsOfNpm } = checkout(await freePort());
    const commands = [up(), up(), up()];
    await Promise.any(commands.map(({ says }) => says("waiting for another npm ci")));
    letNpmGo(0);
    await Promise.all(commands.map(({ says }) => Promise.any([says("the lab is up"), says("EADDRINUSE")])));
    expect(runsOfNpm()).toBe(1);
  });
});
