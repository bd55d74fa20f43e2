// Entry of every npm script that a fresh clone may run first. It has no dependencies and works on Node 20:
// it installs what the lock file names (only if that changed) and then runs the given TypeScript file on the
// Node 24 that the lock file pins.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const stamp = join(root, "node_modules", ".greenroom-lock");
const node24 = join(root, "node_modules", "node", "bin", "node");

const lockHash = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
if (!isInstalled()) {
  const release = await takeTurn();
  try {
    // Somebody else may have done it meanwhile.
    if (!isInstalled()) install();
  } finally {
    release();
  }
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

function install() {
  process.stderr.write("greenroom: installing the dependencies that package-lock.json names (npm ci) …\n");
  const result = spawnSync("npm", ["ci", "--no-fund", "--no-audit", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", "inherit", "inherit"],
  });
  if (result.status !== 0) {
    process.stderr.write("greenroom: npm ci failed; its messages are above. Nothing else was changed.\n");
    process.exit(result.status ?? 1);
  }
  writeFileSync(stamp, lockHash);
}

const [script, ...rest] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write("usage: node infra/bootstrap.mjs SCRIPT.ts [arguments]\n");
  process.exit(64);
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
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
  process.on(signal, () => signal === "SIGINT" || child.kill(signal));
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
