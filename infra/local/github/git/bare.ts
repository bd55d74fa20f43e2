import { cp, mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { git } from "./run.ts";

export interface RefUpdate {
  /** The full name, for example refs/heads/main. */
  readonly ref: string;
  /** Undefined: it did not exist. */
  readonly before: string | undefined;
  /** Undefined: it was deleted. */
  readonly after: string | undefined;
}

/** What GitHub lets a client ask for, and what it refuses to be written. */
const configuration: readonly (readonly [string, string])[] = [
  ["uploadpack.allowFilter", "true"],
  ["uploadpack.allowAnySHA1InWant", "true"],
  ["http.receivepack", "true"],
  ["receive.hideRefs", "refs/pull"],
  ["core.hooksPath", "/dev/null"],
  ["core.logAllRefUpdates", "false"],
  ["gc.auto", "0"],
  ["receive.autogc", "false"],
  ["receive.fsckObjects", "false"],
];

/** The folder of bare repositories, by numeric id, so that a rename moves nothing. */
export class BareRepositories {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  pathOf(repositoryId: number): string {
    return join(this.#folder, `${repositoryId}.git`);
  }

  async create(repositoryId: number, defaultBranch: string): Promise<void> {
    const path = this.pathOf(repositoryId);
    await mkdir(path, { recursive: true });
    await git(path, ["init", "--quiet", "--bare", `--initial-branch=${defaultBranch}`, "."]);
    for (const [name, value] of configuration) await git(path, ["config", name, value]);
  }

  /** Makes a repository with everything another one has. */
  async duplicate(fromId: number, toId: number): Promise<void> {
    await cp(this.pathOf(fromId), this.pathOf(toId), { recursive: true });
  }

  async remove(repositoryId: number): Promise<void> {
    await rm(this.pathOf(repositoryId), { recursive: true, force: true });
  }

  /** Branches and tags (or what `prefixes` name) with the objects they point at. */
  async refs(
    repositoryId: number,
    prefixes: readonly string[] = ["refs/heads", "refs/tags"],
  ): Promise<Map<string, string>> {
    const { text } = await git(this.pathOf(repositoryId), [
      "for-each-ref",
      "--format=%(objectname) %(refname)",
      ...prefixes,
    ]);
    const refs = new Map<string, string>();
    for (const line of text.split("\n")) {
      const [sha, ref] = line.split(" ");
      if (sha !== undefined && ref !== undefined) refs.set(ref, sha);
    }
    return refs;
  }

  async branch(repositoryId: number, name: string): Promise<string | undefined> {
    return (await this.refs(repositoryId, [`refs/heads/${name}`])).get(`refs/heads/${name}`);
  }

  /** The commit a branch, tag or SHA means, or undefined. */
  async commitOf(repositoryId: number, revision: string): Promise<string | undefined> {
    // A revision with git's own operators in it is not a name that GitHub would know.
    if (revision === "" || revision.startsWith("-") || /[\s:^~{}?*[\\]|\.\./.test(revision)) return undefined;
    const names = /^[0-9a-f]{40}$/.test(revision)
      ? [revision]
      : [`refs/heads/${revision}`, `refs/tags/${revision}`, revision];
    for (const name of names) {
      const { code, text } = await git(
        this.pathOf(repositoryId),
        ["rev-parse", "--verify", "--quiet", `${name}^{commit}`],
        { accept: [0, 1, 128] },
      );
      if (code === 0) return text.trim();
    }
    return undefined;
  }

  /** Moves a ref, only if it is still where `before` says when that is given. */
  async moveRef(repositoryId: number, ref: string, to: string, before?: string): Promise<void> {
    const expected = before === undefined ? [] : [before];
    await git(this.pathOf(repositoryId), ["update-ref", ref, to, ...expected]);
  }

  /** Makes many refs at once, packed into one file. */
  async addRefs(repositoryId: number, refs: readonly (readonly [ref: string, sha: string])[]): Promise<void> {
    const input = refs.map(([ref, sha]) => `create ${ref} ${sha}\n`).join("");
    await git(this.pathOf(repositoryId), ["update-ref", "--stdin"], { input });
    await git(this.pathOf(repositoryId), ["pack-refs", "--all"]);
  }

  /** Says which branch a clone checks out. */
  async setHead(repositoryId: number, ref: string): Promise<void> {
    await git(this.pathOf(repositoryId), ["symbolic-ref", "HEAD", ref]);
  }

  async deleteRef(repositoryId: number, ref: string): Promise<void> {
    await git(this.pathOf(repositoryId), ["update-ref", "-d", ref]);
  }

  /** Takes a commit with its history from one repository into another, under a ref. */
  async copyCommit(fromId: number, sha: string, toId: number, ref: string): Promise<void> {
    if (fromId !== toId) {
      await git(this.pathOf(toId), ["fetch", "--quiet", "--no-tags", this.pathOf(fromId), sha]);
    }
    await this.moveRef(toId, ref, sha);
  }

  /** Takes all branches and tags of another repository. */
  async copyRefs(fromId: number, toId: number): Promise<void> {
    await git(this.pathOf(toId), [
      "fetch",
      "--quiet",
      this.pathOf(fromId),
      "+refs/heads/*:refs/heads/*",
      "+refs/tags/*:refs/tags/*",
    ]);
  }
}

/** What differs between two looks at a repository's refs. */
export function refUpdates(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): RefUpdate[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names]
    .map((ref) => ({ ref, before: before.get(ref), after: after.get(ref) }))
    .filter((update) => update.before !== update.after);
}
