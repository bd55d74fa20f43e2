// Entry of every npm script that a fresh clone may run first. It has no dependencies and works on Node 20:
// it installs what the lock file names (only if that changed) and then runs the given TypeScript file on the
// Node 24 that the lock file pins.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bringsUpLab, openFirstPage, standInPort } from "./first-page.mjs";

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write("usage: node infra/bootstrap.mjs SCRIPT.ts [arguments]\n");
  process.exit(64);
}

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stamp = join(root, "node_modules", ".greenroom-lock");
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
const node24 = join(root, "node_modules", "node", "bin", "node");

const lockHash = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
if (!isInstalled()) {
  const closePage = bringsUpLab(script, rest) ? await openFirstPage(standInPort(rest)) : undefined;
  if (closePage) process.stderr.write(`greenroom: watch it at http://127.0.0.1:${standInPort(rest)}/-/lab\n`);
  const release = await takeTurn();
  // Somebody else may have done it meanwhile.
  const code = isInstalled() ? 0 : await install();
  release();
  await closePage?.();
  if (code !== 0) process.exit(code);
}

function isInstalled() {
  return read(stamp) === lockHash && existsSync(node24);
}

/** A file's content; empty where there is none, also when somebody removes it this very moment. */
function read(file) {
  try {
    return readFileSync(file, "utf8");
  } catch (error) {
    if (error.code !== "ENOENT") throw error;
    return "";
  }
}

/** One installation at a time: two commands after a change of the lock file would remove each other's files. */
async function takeTurn() {
  const lock = join(tmpdir(), `greenroom-install-${createHash("sha256").update(root).digest("hex").slice(0, 12)}`);
  for (let said = false; ; said = true) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return () => rmSync(lock, { force: true });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const holder = Number(read(lock));
      if (holder > 0 && !isAlive(holder)) rmSync(lock, { force: true });
      else if (!said) process.stderr.write("greenroom: waiting for another npm ci in this checkout …\n");
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** Runs npm ci; returns its exit code. */
async function install() {
  process.stderr.write("greenroom: installing the dependencies that package-lock.json names (npm ci) …\n");
  const npm = spawn("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  // The terminal sends Ctrl-C to npm as well; npm ends by itself, and says so with its exit code.
  const passOn = (signal) => signal === "SIGINT" || npm.kill(signal);
  for (const signal of signals) process.on(signal, passOn);
  const code = await new Promise((resolve) => {
    npm.once("error", (error) => {
      process.stderr.write(`greenroom: npm cannot be started: ${error.message}\n`);
      resolve(1);
    });
    npm.once("exit", (exit) => resolve(exit ?? 1));
  });
  for (const signal of signals) process.off(signal, passOn);
  if (code === 0) writeFileSync(stamp, lockHash);
  else process.stderr.write("greenroom: npm ci failed; its messages are above. Nothing else was changed.\n");
  return code;
}

// The rest of the program finds this Node, and the programs of node_modules, first on PATH.
const path = [join(root, "node_modules", "node", "bin"), join(root, "node_modules", ".bin"), process.env.PATH].join(
  ":",
);
const child = spawn(node24, ["--disable-warning=ExperimentalWarning", join(root, script), ...rest], {
  stdio: "inherit",
  env: { ...process.env, PATH: path },
});
// The terminal sends Ctrl-C to the child as well; the parent only has to outlive its clean-up.
for (const signal of signals) process.on(signal, () => signal === "SIGINT" || child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
