import { existsSync, lstatSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Checkouts } from "../../src/ports/checkouts.ts";
import type { GitAccess } from "../../src/ports/pull-requests.ts";
import { failureOf } from "../support/rejection.ts";
import { git, type TestFiles } from "./git-server.ts";

export type CheckoutsSetup = {
  checkouts: Checkouts;
  access(repositoryId: number): GitAccess;
  /** Makes these files the only ones of a new commit. */
  commit(repositoryId: number, files: TestFiles): string;
  close(): Promise<void>;
};

/** What every way to get a commit's files has to do. */
export function checkoutsContract(name: string, setUp: () => Promise<CheckoutsSetup>): void {
  describe(`Checkouts: ${name}`, () => {
    let setup: CheckoutsSetup;
    beforeAll(async () => {
      setup = await setUp();
    });
    afterAll(() => setup.close());

    const never = new AbortController().signal;
    const fetch = (repositoryId: number, commit: string, signal = never) =>
      setup.checkouts.fetch(repositoryId, setup.access(repositoryId), commit, signal);
    test("lays out files, executables and links exactly", async () => {
      const commit = setup.commit(1, {
        "README.md": "# Shop\r\n",
        "bin/start": { text: "#!/bin/sh\n", executable: true },
        "deep/er/link": { link: "../../README.md" },
        "ünïcode dir/päth": "x",
      });
      const checkout = await fetch(1, commit);
      const file = (path: string) => join(checkout.directory, path);
      expect(checkout.commit).toBe(commit);
      expect(readFileSync(file("README.md"), "utf8")).toBe("# Shop\r\n");
      expect(lstatSync(file("README.md")).mode & 0o111).toBe(0);
      expect(lstatSync(file("bin/start")).mode & 0o100).toBe(0o100);
      expect(readlinkSync(file("deep/er/link"))).toBe("../../README.md");
      expect(readFileSync(file("ünïcode dir/päth"), "utf8")).toBe("x");
      await checkout.dispose();
    });

    test("lists entries in git's order with git's ids and modes, a submodule by its commit", async () => {
      const submodule = "0123456789abcdef0123456789abcdef01234567";
      const commit = setup.commit(2, {
        "b/file": "hello\n",
        "b.txt": "",
        run: { text: "hello\n", executable: true },
        link: { link: "b.txt" },
        vendor: { submodule },
      });
      const checkout = await fetch(2, commit);
      const hello = "ce013625030ba8dba906f756967f9e9ca394464a";
      expect(checkout.entries).toEqual([
        { path: "b.txt", mode: "100644", objectId: "e69de29bb2d1d6434b8b29ae775ad8c2e48c5391" },
        { path: "b/file", mode: "100644", objectId: hello },
        { path: "link", mode: "120000", objectId: git(".", ["hash-object", "--stdin"], "b.txt").trim() },
        { path: "run", mode: "100755", objectId: hello },
        { path: "vendor", mode: "160000", objectId: submodule },
      ]);
      await checkout.dispose();
    });

    test("reads text, follows links inside, and knows no other files", async () => {
      const commit = setup.commit(3, { "a/text": "grüezi", alias: { link: "a/text" }, dangling: { link: "nowhere" } });
      const checkout = await fetch(3, commit);
      expect(await checkout.readText("a/text")).toBe("grüezi");
      expect(await checkout.readText("alias")).toBe("grüezi");
      const others = ["a", "missing", "dangling", "a/text/below", "", "..", "../../../../../../etc/passwd"];
      const texts = await Promise.all(others.map((path) => checkout.readText(path)));
      expect(texts).toEqual(others.map(() => undefined));
      await checkout.dispose();
    });

    test("serves several commits of one repository at once, each with its own files", async () => {
      const commits = ["one", "two", "three", "one"].map((text) => setup.commit(4, { same: "same", text }));
      const checkouts = await Promise.all(commits.map((commit) => fetch(4, commit)));
      const texts = await Promise.all(checkouts.map((checkout) => checkout.readText("text")));
      expect(texts).toEqual(["one", "two", "three", "one"]);
      expect(new Set(checkouts.map((checkout) => checkout.directory)).size).toBe(4);
      await Promise.all(checkouts.map((checkout) => checkout.dispose()));
    });

    test("a disposed checkout is gone, and disposing twice is fine", async () => {
      const checkout = await fetch(5, setup.commit(5, { file: "x" }));
      await checkout.dispose();
      await checkout.dispose();
      expect(existsSync(checkout.directory)).toBe(false);
    });

    test("an empty commit has no entries", async () => {
      const checkout = await fetch(6, setup.commit(6, {}));
      expect(checkout.entries).toEqual([]);
      expect(existsSync(checkout.directory)).toBe(true);
      await checkout.dispose();
    });

    test.each([
      ["an absolute link", { "chart/secret.yaml": { link: "/proc/self/environ" } }, "chart/secret.yaml"],
      ["a link that climbs out", { "a/b": { link: "../../x" } }, "a/b"],
      ["a chain of links", { a: { link: "b/c" }, "b/c": { link: "../d" }, d: { link: "../e" } }, "a"],
    ] satisfies [string, TestFiles, string][])("refuses %s with its path", async (_, files, path) => {
      const failure = await failureOf(fetch(7, setup.commit(7, files)));
      expect(failure).toMatchObject({ kind: "user", code: "symlink-escapes", where: { file: path } });
      expect(failure.what).toContain(path);
    });

    test("says that a commit is not there", async () => {
      setup.commit(8, { file: "x" });
      const failure = await failureOf(fetch(8, "0123456789012345678901234567890123456789"));
      expect(failure).toMatchObject({ kind: "transient", code: "commit-not-found" });
    });

    test("an abort ends it with the signal's reason", async () => {
      const commit = setup.commit(9, { file: "x" });
      await expect(fetch(9, commit, AbortSignal.abort(new Error("superseded")))).rejects.toThrow("superseded");
    });
  });
}
