// `npm run check`: format, lint with import directions, types, unused code, generated files.
// `npm run check -- --planted`: shows that each of them fails on a violation planted into a copy of the repository.
import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Check, checks } from "./checks.ts";

const root = join(dirname(fileURLToPath(import.meta.url)), "..", "..");

function run(check: Check, directory: string): { ok: boolean; output: string; seconds: number } {
  const started = performance.now();
  const [program = "", ...args] = check.command;
  const result = spawnSync(program, args, {
    cwd: directory,
    encoding: "utf8",
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, PATH: `${join(root, "node_modules", ".bin")}:${process.env.PATH}` },
  });
  return {
    ok: result.status === 0,
    output: `${result.stdout}${result.stderr}`,
    seconds: (performance.now() - started) / 1_000,
  };
}

/** The files git would commit, copied, with the installed dependencies linked in. */
function copyRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), "greenroom-planted-"));
  const listed = spawnSync("git", ["ls-files", "-z", "--cached", "--others", "--exclude-standard"], {
    cwd: root,
    encoding: "utf8",
  });
  for (const path of listed.stdout.split("\0").filter((name) => name !== "" && existsSync(join(root, name)))) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    cpSync(join(root, path), join(copy, path));
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  // The formatter and the unused-code check ask git what is ignored.
  for (const args of [
    ["init", "-q"],
    ["add", "-A"],
  ])
    spawnSync("git", args, { cwd: copy });
  return copy;
}

function runAll(): boolean {
  let green = true;
  for (const check of checks) {
    const { ok, output, seconds } = run(check, root);
    console.log(`${ok ? "ok    " : "FAILED"} ${check.name} (${seconds.toFixed(1)} s)`);
    if (!ok) console.log(output);
    green &&= ok;
  }
  return green;
}

function runPlanted(): boolean {
  let green = true;
  const copy = copyRepository();
  try {
    for (const check of checks) {
      const clean = run(check, copy);
      if (!clean.ok) console.log(`FAILED ${check.name}: fails without a planted violation\n${clean.output}`);
      green &&= clean.ok;
      for (const { path, content } of check.planted) {
        const target = join(copy, path);
        const before = existsSync(target) ? readFileSync(target) : undefined;
        mkdirSync(dirname(target), { recursive: true });
        writeFileSync(target, content);
        const caught = !run(check, copy).ok;
        if (before === undefined) rmSync(target);
        else writeFileSync(target, before);
        console.log(`${caught ? "caught" : "MISSED"} ${check.name}: ${content.split("\n")[0]} in ${path}`);
        green &&= caught;
      }
    }
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
  return green;
}

const green = process.argv.includes("--planted") ? runPlanted() : runAll();
process.exitCode = green ? 0 : 1;
