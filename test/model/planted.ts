// Plants bugs, one at a time, in a copy of the sources and says after how many histories the model finds each: all of
// them, or those whose name has one of the words of the command line.
import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

type Planted = { name: string; file: string; from: string; to: string };

const bugs: readonly Planted[] = [
  {
    name: "a closed pull request whose preview failed is left as it is",
    file: "src/preview/decide.ts",
    from: `pr === "gone" || pr.state === "closed"`,
    to: `pr === "gone" || (pr.state === "closed" && preview?.status.phase !== "Failed")`,
  },
  {
    name: "the record goes before its namespace",
    file: "src/pipeline/remove.ts",
    from: "await takeAway(world, pr, preview, signal);",
    to: "await world.records.remove(preview, signal);\n  await takeAway(world, pr, preview, signal);",
  },
  {
    name: "who takes over does not fence earlier attempts",
    file: "test/fakes/cluster.ts",
    from: "for (const earlier of accountsOf(namespace)) accounts.delete(earlier);",
    to: "",
  },
  {
    name: "an attempt that was stopped for a newer head reports that it is ready",
    file: "src/pipeline/reconcile.ts",
    from: "return await deploy(world, here(pr), found, intent.tier, signal);",
    to: 'return await deploy(world, here(pr), found, intent.tier, new AbortController().signal).then(async () => { const record = await world.records.find(key, new AbortController().signal); if (record !== undefined && pr !== "gone" && record.status.phase === "Ready" && signal.aborted) { const now = await world.pullRequests.read(key, undefined, new AbortController().signal); if (now !== "gone") await world.records.report(record, { observedCommit: now.head.sha, deployedCommit: now.head.sha }, new AbortController().signal); } });',
  },
  {
    name: "what is held goes on running",
    file: "src/pipeline/hold.ts",
    from: "if (held.status.namespace !== undefined) await takeAway(world, pr, held, signal);",
    to: "",
  },
  {
    name: "the sweep leaves leftovers alone",
    file: "src/pipeline/sweep/sweep.ts",
    from: `step("leftovers", (limit) => clearLeftovers(world, memory.turn, limit)),`,
    to: "",
  },
  {
    name: "a comment whose id is unknown is written once more",
    file: "src/pipeline/publish.ts",
    from: "pr.comment?.id ?? status.comment",
    to: "status.comment",
  },
  {
    name: "an approval lets every later commit of its fork run",
    file: "src/policy/trust.ts",
    from: `if (approvedCommit === pr.head.sha) return { trusted: true, tier: "fork" };`,
    to: `if (approvedCommit !== undefined) return { trusted: true, tier: "fork" };`,
  },
  {
    name: "an approval without a commit is of whatever is the head when it is read",
    file: "src/pipeline/approval.ts",
    from: "shown.updatedAt < comment.createdAt && ",
    to: "",
  },
  {
    name: "that a comment was obeyed is written after what it asks for",
    file: "src/pipeline/obey.ts",
    from: "await records.amend(record, { ...wishes, lastComment }, signal);",
    to: "await records.amend(record, wishes, signal);\n    await records.amend(record, { lastComment }, signal);",
  },
  {
    name: "two workers that have read the same comment both do it",
    file: "test/fakes/records.ts",
    from: "if (isTooLate(preview.spec, record.spec, changes)) throw new SupersededError(preview.name);",
    to: "",
  },
];

const root = join(dirname(fileURLToPath(import.meta.url)), "../..");
const copy = mkdtempSync(join(tmpdir(), "greenroom-planted-"));
try {
  for (const folder of ["src", "test", "workers", "charts", "package.json"]) {
    cpSync(join(root, folder), join(copy, folder), { recursive: true });
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const wanted = process.argv.slice(2);
  for (const bug of bugs.filter(({ name }) => wanted.length === 0 || wanted.some((word) => name.includes(word)))) {
    const path = join(copy, bug.file);
    const right = readFileSync(path, "utf8");
    if (!right.includes(bug.from)) throw new Error(`${bug.file} does not contain: ${bug.from}`);
    writeFileSync(path, right.replace(bug.from, bug.to));
    const found = firstFailure(copy);
    writeFileSync(path, right);
    console.log(
      `${found === undefined ? "NOT FOUND" : `found after ${found.histories} histories`}: ${bug.name}\n    ${found?.why ?? ""}`,
    );
    if (found === undefined) process.exitCode = 1;
  }
} finally {
  rmSync(copy, { recursive: true });
}

function firstFailure(folder: string): { histories: number; why: string } | undefined {
  const args = ["test/model/main.ts", "--histories", "1000", "--seed", "1", "--first"];
  const { stdout } = spawnSync(process.execPath, args, { cwd: folder, encoding: "utf8", timeout: 600_000 });
  const why = stdout
    .split("\n")
    .find((line) => line.includes("!!"))
    ?.trim();
  const histories = Number(/found after (\d+)/.exec(stdout)?.[1]);
  return why === undefined ? undefined : { histories, why };
}
