import { openPullRequest } from "../actions/pull-requests.ts";
import { pushCommit } from "../actions/pushes.ts";
import { invalid, Refusal } from "../actions/refusal.ts";
import { forkRepository } from "../actions/repositories.ts";
import type { GitHub } from "../context.ts";
import { blob, entryAt } from "../git/content.ts";
import type { FileChanges } from "../git/write.ts";
import type { PullRequestRecord, RepositoryRecord, UserRecord } from "../store/records.ts";

interface Change {
  readonly message: string;
  readonly files: FileChanges;
}

/** Titles and colours that are told apart at a glance. */
const themes: readonly { readonly title: string; readonly accent: string }[] = [
  { title: "The Lighthouse Shop", accent: "#1f6f8b" },
  { title: "The Paper Forest", accent: "#3f7d3a" },
  { title: "The Velvet Curtain", accent: "#8a2f5d" },
  { title: "The Copper Kettle", accent: "#a35a14" },
  { title: "The Night Garden", accent: "#4b4fa3" },
];

const greetings: readonly { readonly text: string; readonly background: string }[] = [
  { text: "Hello from a pull request.", background: "#eef3fb" },
  { text: "Hello again, with another change.", background: "#fdf3e7" },
  { text: "Hello from one more commit.", background: "#f3eefb" },
  { text: "Hello, and see how fast that was.", background: "#eafaf0" },
];

/** The element after the one that `isCurrent`; the first where none is. */
function nextOf<T>(all: readonly T[], isCurrent: (item: T) => boolean): T {
  const next = all[(all.findIndex(isCurrent) + 1) % all.length];
  if (next === undefined) throw new Error("there is nothing to choose from");
  return next;
}

/** What a sample change is made to: where it is known what people see, that; else the README. */
const places: readonly {
  readonly file: string;
  readonly change: (content: string) => { readonly content: string; readonly message: string };
}[] = [
  {
    file: "services/web/theme.json",
    change: (content) => {
      const theme: unknown = JSON.parse(content);
      if (typeof theme !== "object" || theme === null) throw new Error("theme.json holds no object");
      const next = nextOf(themes, ({ title }) => "title" in theme && theme.title === title);
      return {
        content: `${JSON.stringify({ ...theme, ...next }, null, 2)}\n`,
        message: `Call it ${next.title.replace(/^The/, "the")}`,
      };
    },
  },
  {
    file: "index.html",
    change: (content) => {
      const next = nextOf(greetings, ({ text }) => content.includes(text));
      return {
        content: content
          .replace(/<p>[^<]*<\/p>/, `<p>${next.text}</p>`)
          .replace(/background: #[0-9a-f]+/, `background: ${next.background}`),
        message: "Greet differently",
      };
    },
  },
  {
    file: "README.md",
    change: (content) => ({
      content: `${content.trimEnd()}\n\nChanged once more.\n`,
      message: "Say more in the README",
    }),
  },
];

/** A small change that people can see, to what a commit holds. */
async function sampleChange(github: GitHub, repository: RepositoryRecord, commit: string): Promise<Change> {
  const path = github.git.pathOf(repository.id);
  for (const { file, change } of places) {
    const entry = await entryAt(path, commit, file);
    if (entry?.type !== "blob") continue;
    const { content, message } = change((await blob(path, entry.sha)).toString());
    return { message, files: { [file]: content } };
  }
  return { message: "Begin a README", files: { "README.md": `# ${repository.name}\n` } };
}

/** Makes a branch with a sample change and opens a pull request from it. */
export async function openSamplePullRequest(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
): Promise<PullRequestRecord> {
  const base = await tipOf(github, repository);
  return propose(github, actor, { repository, source: repository, base, head: "" });
}

/** The same from a fork, which is made if there is none. */
export async function openForkPullRequest(
  github: GitHub,
  actor: UserRecord,
  repository: RepositoryRecord,
): Promise<PullRequestRecord> {
  const base = await tipOf(github, repository);
  const source = await forkRepository(github, actor, repository);
  return propose(github, actor, { repository, source, base, head: `${actor.login}:` });
}

interface Proposal {
  readonly repository: RepositoryRecord;
  /** Where the branch is made. */
  readonly source: RepositoryRecord;
  readonly base: string;
  /** What stands before the branch's name in the pull request's head. */
  readonly head: string;
}

async function propose(
  github: GitHub,
  actor: UserRecord,
  { repository, source, base, head }: Proposal,
): Promise<PullRequestRecord> {
  const branch = await freeBranch(github, source);
  const { message, files } = await sampleChange(github, repository, base);
  if (source.id !== repository.id) {
    // A fork may be older than its parent; the branch begins where the parent is now.
    await github.git.copyCommit(repository.id, base, source.id, `refs/heads/${branch}`);
  }
  await pushCommit(github, actor, source, { branch, message, files });
  return openPullRequest(github, actor, repository, {
    title: message,
    body: "A small change that can be seen, made with one button.",
    head: `${head}${branch}`,
    base: repository.defaultBranch,
  });
}

/** Pushes one more sample change to a pull request's branch. */
export async function pushSampleChange(github: GitHub, actor: UserRecord, pull: PullRequestRecord): Promise<void> {
  const source = pull.head.repositoryId === null ? undefined : github.store.repositoryById(pull.head.repositoryId);
  const tip = source === undefined ? undefined : await github.git.branch(source.id, pull.head.ref);
  if (source === undefined || tip === undefined) throw new Refusal(422, "The pull request's branch is gone.");
  const { message, files } = await sampleChange(github, source, tip);
  await pushCommit(github, actor, source, { branch: pull.head.ref, message, files });
}

async function tipOf(github: GitHub, repository: RepositoryRecord): Promise<string> {
  const tip = await github.git.branch(repository.id, repository.defaultBranch);
  if (tip === undefined) throw invalid("PullRequest", "base", "The repository has no commit yet: push one first.");
  return tip;
}

async function freeBranch(github: GitHub, repository: RepositoryRecord): Promise<string> {
  const taken = await github.git.refs(repository.id, ["refs/heads"]);
  for (let number = 1; ; number += 1) {
    const branch = `sample-change-${number}`;
    if (!taken.has(`refs/heads/${branch}`)) return branch;
  }
}
