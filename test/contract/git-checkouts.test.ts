// What git in particular has to withstand, beyond the contract.
import { execFileSync, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type GitCheckoutsOptions, openGitCheckouts } from "../../src/adapters/git/checkouts.ts";
import { type GitServer, git, startGitServer } from "./git-server.ts";

describe("git checkouts", () => {
  let server: GitServer;
  let dataDirectory: string;
  const never = new AbortController().signal;

  beforeEach(async () => {
    server = await startGitServer();
    dataDirectory = mkdtempSync(join(tmpdir(), "greenroom-git-"));
  });
  afterEach(async () => {
    await server.close();
    rmSync(dataDirectory, { recursive: true });
  });

  const access = (password = server.password) => ({ url: server.url(1), username: server.username, password });
  const fetch = async (commit: string, options: Partial<GitCheckoutsOptions> = {}, password?: string) => {
    const checkouts = await openGitCheckouts({ dataDirectory, ...options });
    return checkouts.fetch(1, access(password), commit, never);
  };
  const posts = () => server.requests.filter((request) => request.url.includes("git-upload-pack")).length;

  test("files have the tree's bytes, whatever .gitattributes asks for", async () => {
    const files = {
      ".gitattributes":
        "* text eol=crlf ident filter=lfs\n*.utf16 working-tree-encoding=UTF-16\nsecret export-ignore\n*.bin filter=run\n",
      text: "one\ntwo $Id$\n",
      "a.utf16": "plain\n",
      secret: "kept\n",
      "x.bin": "version https://git-lfs.github.com/spec/v1\n",
    };
    const checkout = await fetch(server.commit(1, files));
    for (const [path, text] of Object.entries(files)) {
      expect(readFileSync(join(checkout.directory, path), "utf8")).toBe(text);
    }
    await checkout.dispose();
  });

  test("a second commit of which everything is known needs no request; one new file is fetched alone", async () => {
    const big = "x".repeat(100_000);
    const commit = server.commit(1, { big, small: "1" });
    await (await fetch(commit)).dispose();
    const after = posts();
    await (await fetch(commit)).dispose();
    expect(posts()).toBe(after);

    const before = packBytes(dataDirectory);
    await (await fetch(server.commit(1, { big, small: "2", other: "3" }))).dispose();
    expect(packBytes(dataDirectory) - before).toBeLessThan(10_000);
  });

  test("no credential is written anywhere, and the work tree has no .git", async () => {
    const checkout = await fetch(server.commit(1, { file: "x" }));
    const basic = Buffer.from(`${server.username}:${server.password}`).toString("base64");
    for (const secret of [server.password, basic]) {
      const found = grep(dataDirectory, secret);
      expect(found).toBe("");
    }
    expect(readdirSync(checkout.directory)).toEqual(["file"]);
    await checkout.dispose();
  });

  test("what a killed git leaves does not stop the next fetch", async () => {
    await (await fetch(server.commit(1, { file: "1" }))).dispose();
    const mirror = join(dataDirectory, "mirrors", "1.git");
    for (const lock of ["shallow.lock", "config.lock", "HEAD.lock", "objects/pack/tmp_pack_abc"]) {
      writeFileSync(join(mirror, lock), "");
    }
    writeFileSync(`${mirror}.lock`, "999999.1.00000000");
    mkdirSync(`${mirror}.new`);
    const abandoned = join(dataDirectory, "checkouts", "999999.1-left");
    mkdirSync(abandoned);
    const checkout = await fetch(server.commit(1, { file: "2" }));
    expect(await checkout.readText("file")).toBe("2");
    expect(readdirSync(join(dataDirectory, "checkouts"))).toHaveLength(1);
    expect(readdirSync(mirror).filter((name) => name.endsWith(".lock"))).toEqual([]);
    await checkout.dispose();
  });

  test("a mirror that was left half made is made anew", async () => {
    mkdirSync(join(dataDirectory, "mirrors", "1.git", "objects"), { recursive: true });
    const checkout = await fetch(server.commit(1, { file: "x" }));
    expect(await checkout.readText("file")).toBe("x");
    await checkout.dispose();
  });

  test("waits for another process that works on the same mirror", async () => {
    const lockModule = new URL("../../src/adapters/git/lock-file.ts", import.meta.url).pathname;
    const lock = join(dataDirectory, "mirrors", "1.git.lock");
    mkdirSync(join(dataDirectory, "mirrors"));
    const holder = spawn(process.execPath, [
      "--input-type=module",
      "-e",
      `import { lockFile } from ${JSON.stringify(lockModule)};
       const unlock = await lockFile(${JSON.stringify(lock)}, new AbortController().signal);
       console.log("held");
       process.stdin.once("data", async () => { await unlock(); process.exit(0); });`,
    ]);
    await new Promise((resolve) => holder.stdout.once("data", resolve));
    let done = false;
    const fetching = fetch(server.commit(1, { file: "x" })).then((checkout) => {
      done = true;
      return checkout;
    });
    await expect(
      openGitCheckouts({ dataDirectory }).then((checkouts) =>
        checkouts.fetch(1, access(), server.commit(1, { file: "y" }), AbortSignal.timeout(200)),
      ),
    ).rejects.toMatchObject({ name: "TimeoutError" });
    expect(done).toBe(false);
    holder.stdin.write("go");
    expect(await (await fetching).readText("file")).toBe("x");
  });

  test("a wrong password is the operator's to repair, and no answer is tried again", async () => {
    const commit = server.commit(1, { file: "x" });
    const refused = { failure: { kind: "operator", code: "git-access-refused" } };
    await expect(fetch(commit, {}, "wrong")).rejects.toMatchObject(refused);
    const checkouts = await openGitCheckouts({ dataDirectory });
    const nobody = { url: "http://127.0.0.1:1/1.git", username: "u", password: "p" };
    await expect(checkouts.fetch(1, nobody, commit, never)).rejects.toMatchObject({
      failure: { kind: "transient", code: "git-unreachable" },
    });
  });

  test("a tree that git refuses as malformed is the pull request's fault", async () => {
    server.commit(1, { file: "x" });
    const bare = server.directory(1);
    const blob = git(bare, ["hash-object", "-w", "--stdin"], "payload").trim();
    const tree = Buffer.concat([Buffer.from("40000 .git\0"), Buffer.from(objectTree(bare, blob), "hex")]);
    const root = git(bare, ["hash-object", "-w", "-t", "tree", "--literally", "--stdin"], tree).trim();
    const identity = "A <a@example.com> 1700000000 +0000";
    const text = `tree ${root}\nauthor ${identity}\ncommitter ${identity}\n\nx\n`;
    const commit = git(bare, ["hash-object", "-w", "-t", "commit", "--stdin"], text).trim();
    await expect(fetch(commit)).rejects.toMatchObject({ failure: { kind: "user", code: "malformed-commit" } });
    expect(readdirSync(join(dataDirectory, "checkouts"))).toEqual([]);
  });

  test("too many files and too many bytes are refused before any is written", async () => {
    const commit = server.commit(1, { a: "12345", b: "67890", c: "x" });
    const tooLarge = { failure: { kind: "user", code: "checkout-too-large" } };
    await expect(fetch(commit, { mostEntries: 2 })).rejects.toMatchObject(tooLarge);
    await expect(fetch(commit, { mostBytes: 10 })).rejects.toMatchObject(tooLarge);
    expect(readdirSync(join(dataDirectory, "checkouts"))).toEqual([]);
  });

  test("what is too large is not even downloaded", async () => {
    const random = Array.from({ length: 40 }, () => randomBytes(10_000).toString("base64")).join("\n");
    const commit = server.commit(1, { random });
    const tooLarge = { failure: { kind: "user", code: "checkout-too-large" } };
    await expect(fetch(commit, { mostBytes: 100_000 })).rejects.toMatchObject(tooLarge);
    expect(packBytes(dataDirectory)).toBeLessThan(10_000);
    const checkout = await fetch(commit);
    expect(await checkout.readText("random")).toBe(random);
    await checkout.dispose();
  });

  test("a folder or another protocol is never fetched from", async () => {
    const commit = server.commit(1, { file: "x" });
    const checkouts = await openGitCheckouts({ dataDirectory });
    for (const url of [`file://${server.directory(1)}`, "ext::sh -c echo% pwned", "ssh://localhost/x"]) {
      const fetching = checkouts.fetch(1, { url, username: "", password: "" }, commit, never);
      await expect(fetching).rejects.toMatchObject({ failure: { code: "git-unreachable" } });
    }
  });

  test("a deadline ends a fetch from a server that does not answer", async () => {
    const commit = server.commit(1, { file: "x" });
    await expect(fetch(commit, { deadlineMs: 1 })).rejects.toMatchObject({
      failure: { kind: "transient", code: "git-too-slow" },
    });
  });
});

/** Id of a tree with one file. */
function objectTree(bare: string, blob: string): string {
  return git(bare, ["mktree"], `100644 blob ${blob}\tconfig\n`).trim();
}

function packBytes(dataDirectory: string): number {
  const packs = join(dataDirectory, "mirrors", "1.git", "objects", "pack");
  return readdirSync(packs).reduce((sum, name) => sum + readFileSync(join(packs, name)).length, 0);
}

function grep(directory: string, text: string): string {
  try {
    return execFileSync("grep", ["-r", "-a", "-l", "-F", text, directory], { encoding: "utf8" });
  } catch {
    return "";
  }
}
