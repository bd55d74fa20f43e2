import { authorAssociation } from "../../present/association.ts";
import { userOfAddress } from "../../present/users.ts";
import type { Commit } from "../../git/history.ts";
import type { CommentRecord, ReactionContent, ReactionRecord } from "../../store/records.ts";
import { icons } from "../icons.ts";
import { bounded, html, type Markup, moment, shortSha } from "../markup.ts";
import { avatar, accountName, press, revisionOf } from "../parts.ts";
import { pullAction, repositoryPath, type Subject, stateOf } from "./subject.ts";

interface Entry {
  readonly at: string;
  readonly content: Markup;
}

/** What was said and what happened, in the order in which it did. */
export function timeline(subject: Subject): Markup {
  const { pull, commits } = subject;
  const entries: Entry[] = [
    ...commits.map((commit) => commitEntry(subject, commit)),
    ...pull.comments.map((comment) => ({ at: comment.createdAt, content: commentCard(subject, comment) })),
    ...endEntries(subject),
  ];
  const description = {
    id: `pull-${pull.number}`,
    authorId: pull.authorId,
    createdAt: pull.createdAt,
    updatedAt: pull.createdAt,
    body: pull.body ?? "",
    reactions: pull.reactions,
  };
  const ordered = entries.toSorted((one, other) => one.at.localeCompare(other.at));
  return html`<section class="timeline" aria-label="Thread" data-testid="thread">
${card(subject, description)}
${ordered.map(({ content }) => content)}
</section>`;
}

function commitEntry({ site, repository, pull }: Subject, commit: Commit): Entry {
  const user = userOfAddress(site.github, commit.author.email);
  const who =
    user === undefined ? html`<strong class="name">${bounded(commit.author.name, 60)}</strong>` : accountName(user);
  const link = `${repositoryPath(site, repository)}/commit/${commit.sha}`;
  // What was there before the pull request is shown as its beginning.
  const at = commit.committer.date < pull.createdAt ? pull.createdAt : commit.committer.date;
  return {
    at,
    content: html`<p class="event commit" data-testid="commit">${icons.commit} ${user === undefined ? "" : avatar(user)} ${who}
<span class="message">${bounded(commit.message.split("\n")[0] ?? "", 100)}</span>
<a class="sha" href="${link}"><code>${shortSha(commit.sha)}</code></a></p>`,
  };
}

function endEntries({ site, repository, pull }: Subject): Entry[] {
  if (pull.closedAt === null || pull.closedById === null) return [];
  const { store } = site.github;
  const merged = stateOf(pull) === "merged";
  const commit = pull.mergeCommitSha;
  const result =
    merged && commit !== null
      ? html`merged commit <a href="${repositoryPath(site, repository)}/commit/${commit}"><code>${shortSha(commit)}</code></a> into <code class="ref">${pull.base.ref}</code>`
      : "closed this";
  const content = html`<p class="event end ${merged ? "merged" : "closed"}" data-testid="end">${merged ? icons.merged : icons.closed} ${avatar(store.user(pull.closedById))} ${accountName(store.user(pull.closedById))} ${result} ${moment(pull.closedAt)}</p>`;
  // After whatever was said in the same second: saying goodbye comes before leaving.
  return [{ at: `${pull.closedAt}~`, content }];
}

function commentCard(subject: Subject, comment: CommentRecord): Markup {
  const tools = comment.authorId === subject.viewer.id ? commentTools(subject, comment) : "";
  return card(subject, { ...comment, id: `issuecomment-${comment.id}` }, tools);
}

/** What the writer of a comment can do with it. */
function commentTools({ site, repository, pull }: Subject, { id, body }: CommentRecord): Markup {
  const to = (verb: string): string => pullAction(site, repository, pull, verb);
  const remove = press({
    action: to("delete-comment"),
    label: "Delete",
    test: "delete-comment",
    kind: "quiet",
    fields: { comment: String(id) },
  });
  return html`<details class="tools" id="edit-${id}" data-testid="comment-tools"><summary>Edit</summary>
<form method="post" action="${to("edit-comment")}" data-live data-testid="edit-form"><input type="hidden" name="comment" value="${id}">
<label class="hidden" for="edit-body-${id}">Comment</label><textarea id="edit-body-${id}" name="body" rows="4" required>
${body}</textarea>
<p class="buttons"><button class="button" data-testid="edit-comment">Update comment</button></p></form>${remove}</details>`;
}

interface Said extends Omit<CommentRecord, "id"> {
  readonly id: string;
}

function card({ site, repository, pull }: Subject, said: Said, tools: Markup | "" = ""): Markup {
  const author = site.github.store.user(said.authorId);
  const association = authorAssociation(repository, author.id);
  const badges = [
    ...(author.id === pull.authorId ? ["Author"] : []),
    ...(association === "OWNER" || association === "COLLABORATOR"
      ? [association === "OWNER" ? "Owner" : "Collaborator"]
      : []),
  ];
  const body =
    said.body.trim() === "" ? html`<p class="muted"><em>No description provided.</em></p>` : site.markdown(said.body);
  const edited = said.updatedAt === said.createdAt ? "" : html` · edited ${moment(said.updatedAt)}`;
  const reactions = reactionList(said.reactions);
  const revision = revisionOf(`${said.body}${said.updatedAt}${said.reactions.length}`);
  return html`<article class="comment ${author.type === "Bot" ? "bot" : ""}" id="${said.id}" data-revision="${revision}" data-testid="comment" data-author="${author.login}">
<header>${avatar(author, 24)} ${accountName(author)} <span class="muted">commented ${moment(said.createdAt)}${edited}</span>
<span class="badges">${badges.map((badge) => html`<span class="badge">${badge}</span>`)}</span></header>
<div class="body markdown" data-testid="body">${body}</div>
${reactions}${tools}</article>`;
}

/** Drawn or written with what every font has. */
const faces: Readonly<Record<ReactionContent, Markup | string>> = {
  "+1": "+1",
  "-1": "−1",
  laugh: "☺",
  hooray: "✦",
  confused: "☹",
  heart: "♥",
  rocket: icons.rocket,
  eyes: icons.eye,
};

function reactionList(reactions: readonly ReactionRecord[]): Markup | "" {
  const counts = new Map<ReactionContent, number>();
  for (const { content } of reactions) counts.set(content, (counts.get(content) ?? 0) + 1);
  if (counts.size === 0) return "";
  const shown = [...counts].map(
    ([content, count]) =>
      html`<span class="reaction" data-testid="reaction" data-content="${content}" title="${content}">${faces[content]} ${count}</span>`,
  );
  return html`<p class="reactions">${shown}</p>`;
}
