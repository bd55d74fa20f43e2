import { execFile } from "node:child_process";
import { cp, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Octokit } from "@octokit/rest";
import type { LabStatus } from "../lab/status.ts";

const run = promisify(execFile);

const nothing = (): void => undefined;
/** Errors are thrown; the client would print them, and answers that say that nothing has changed, as well. */
const silent = { debug: nothing, info: nothing, warn: nothing, error: nothing };

/** Someone with an account on GitHub: an API client and a way to push. */
export type Person = {
  login: string;
  octokit: Octokit;
  /** Environment with which git authenticates as this person; the token is in no argument and no URL. */
  gitEnvironment: NodeJS.ProcessEnv;
};

export function person(github: LabStatus["github"], login: string): Person {
  const user = github.users.find((candidate) => candidate.login === login);
  if (user === undefined) throw new Error(`the stand-in GitHub has no user ${login}`);
  const basic = Buffer.from(`${login}:${user.token}`).toString("base64");
  return {
    login,
    octokit: new Octokit({ auth: user.token, baseUrl: github.apiUrl, log: silent }),
    gitEnvironment: {
      ...process.env,
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_TERMINAL_PROMPT: "0",
      GIT_CONFIG_COUNT: "3",
      GIT_CONFIG_KEY_0: `http.${github.url}/.extraHeader`,
      GIT_CONFIG_VALUE_0: `Authorization: Basic ${basic}`,
      GIT_CONFIG_KEY_1: "user.name",
      GIT_CONFIG_VALUE_1: login,
      GIT_CONFIG_KEY_2: "user.email",
      GIT_CONFIG_VALUE_2: `${login}@users.noreply.github.localhost`,
    },
  };
}

/** A clone on this machine in which a person works. */
export type Clone = {
  owner: string;
  repository: string;
  repositoryId: number;
  directory: string;
  /**
   * Changes files, commits that on a branch and pushes it. A branch that is not there yet begins where it is told to, or
   * at the last commit of this clone. Returns the commit.
   */
  push(branch: string, message: string, change: (directory: string) => Promise<void>, from?: string): Promise<string>;
  dispose(): Promise<void>;
};

/** Creates a repository owned by the person, with the given files as its first commit on main. */
export async function createRepository(
  github: LabStatus["github"],
  owner: Person,
  name: string,
  files: (directory: string) => Promise<void>,
): Promise<Clone> {
  const { data } = await owner.octokit.repos.createForAuthenticatedUser({ name });
  const clone = await emptyClone(github, owner, owner.login, name, data.id);
  await clone.push("main", "The first version", files);
  return clone;
}

/** Clones a repository as the given person. */
export async function cloneRepository(
  github: LabStatus["github"],
  who: Person,
  owner: string,
  name: string,
): Promise<Clone> {
  const { data } = await who.octokit.repos.get({ owner, repo: name });
  const clone = await emptyClone(github, who, owner, name, data.id);
  const git = (...args: string[]) => run("git", args, { cwd: clone.directory, env: who.gitEnvironment });
  await git("fetch", "--quiet", "origin", "main");
  await git("checkout", "--quiet", "-B", "main", "origin/main");
  return clone;
}

async function emptyClone(
  github: LabStatus["github"],
  who: Person,
  owner: string,
  name: string,
  repositoryId: number,
): Promise<Clone> {
  const directory = await mkdtemp(join(tmpdir(), `greenroom-${name}-`));
  const git = async (...args: string[]) =>
    (await run("git", args, { cwd: directory, env: who.gitEnvironment })).stdout.trim();
  await git("init", "--quiet", "--initial-branch", "main");
  await git("remote", "add", "origin", `${github.url}/${owner}/${name}.git`);
  return {
    owner,
    repository: name,
    repositoryId,
    directory,
    async push(branch, message, change, from) {
      const branches = (await git("branch", "--format", "%(refname:short)")).split("\n");
      if (branches.includes(branch)) await git("checkout", "--quiet", branch);
      else await git("checkout", "--quiet", "-B", branch, ...(from === undefined ? [] : [from]));
      await change(directory);
      await git("add", "--all", "--force", ".");
      await git("commit", "--quiet", "--allow-empty", "-m", message);
      await git("push", "--quiet", "--force", "origin", `HEAD:refs/heads/${branch}`);
      return await git("rev-parse", "HEAD");
    },
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
}

/** Empties a work tree but for git's own folder, and copies the files of a folder into it. */
export async function replaceFiles(from: string, directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (name !== ".git") await rm(join(directory, name), { recursive: true, force: true });
  }
  await cp(from, directory, { recursive: true });
}
