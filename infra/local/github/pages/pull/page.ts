import { includesRole } from "../../present/repository.ts";
import { exclusively, roleOf } from "../../actions/roles.ts";
import type { PullRequestRecord, RepositoryRecord, UserRecord } from "../../store/records.ts";
import { html, type Markup } from "../markup.ts";
import { avatar, type Part, peopleOptions, placed, press } from "../parts.ts";
import type { Site } from "../site.ts";
import { viewers } from "../viewer.ts";
import { deliveries, deployments, labels } from "./aside.ts";
import { mergeBox } from "./checks.ts";
import { commitsOf } from "./comparison.ts";
import { heading } from "./heading.ts";
import { pullAction, type Subject } from "./subject.ts";
import { timeline } from "./timeline.ts";

/** What a pull request's page shows, gathered. */
export async function subjectOf(
  site: Site,
  repository: RepositoryRecord,
  pull: PullRequestRecord,
  viewer: UserRecord,
): Promise<Subject> {
  const { github } = site;
  // Not in the middle of a push, when a pull request may already name a commit that is still being fetched.
  const commits = await exclusively(github, repository, () => commitsOf(github, repository, pull));
  return { site, repository, pull, viewer, commits };
}

type PartName = "heading" | "timeline" | "merge" | "play" | "deployments" | "labels" | "deliveries";

function partsByName(subject: Subject): Readonly<Record<PartName, Part>> {
  return {
    heading: { id: "heading", content: heading(subject) },
    timeline: { id: "timeline", content: timeline(subject) },
    merge: { id: "merge", content: mergeBox(subject) },
    play: { id: "play", content: play(subject) },
    deployments: { id: "deployments", content: deployments(subject) },
    labels: { id: "labels", content: labels(subject) },
    deliveries: { id: "deliveries", content: deliveries(subject) },
  };
}

/** The parts of a pull request's page that change while one looks. */
export function pullParts(subject: Subject): readonly Part[] {
  return Object.values(partsByName(subject));
}

/** The content of a pull request's page. */
export function pullContent(subject: Subject): Markup {
  const parts = partsByName(subject);
  return html`${placed(parts.heading)}
<div class="columns">
<div class="main">
${placed(parts.timeline)}
${placed(parts.merge)}
${commentForm(subject)}
</div>
<aside>
${placed(parts.play)}
${placed(parts.deployments)}
${placed(parts.labels)}
${labelForm(subject)}
${placed(parts.deliveries)}
</aside>
</div>`;
}

function commentForm({ site, repository, pull, viewer }: Subject): Markup {
  return html`<form class="reply" method="post" action="${pullAction(site, repository, pull, "comment")}" data-live data-testid="comment-form">
${avatar(viewer, 32)}
<div class="grow"><label for="comment-body" class="hidden">Comment</label>
<textarea id="comment-body" name="body" rows="4" required placeholder="Write a comment in Markdown, or a command such as /preview deploy"></textarea>
<p class="buttons"><label>as <select name="as" data-testid="comment-as">${peopleOptions(viewers(site.github), viewer)}</select></label>
<button class="button primary" data-testid="comment-button">Comment</button></p></div></form>`;
}

function labelForm({ site, repository, pull }: Subject): Markup {
  return html`<form class="inline" method="post" action="${pullAction(site, repository, pull, "label")}" data-live data-testid="label-form">
<label class="hidden" for="label-name">Label</label><input id="label-name" name="name" required maxlength="50" placeholder="Label" list="label-names">
<datalist id="label-names"><option value="preview"></datalist>
<button class="button" data-testid="add-label">Add</button></form>`;
}

/** What a newcomer can do next with the pull request's branch. */
function play({ site, repository, pull, viewer }: Subject): Markup {
  const source = pull.head.repositoryId === null ? undefined : site.github.store.repositoryById(pull.head.repositoryId);
  const mayPush = source !== undefined && includesRole(roleOf(source, viewer.id), "write");
  const push = press({
    action: pullAction(site, repository, pull, "push"),
    label: "Push a sample change",
    test: "push",
    kind: "primary",
  });
  const hint = mayPush
    ? html`<p class="muted">A new commit with a small change that can be seen. The preview follows.</p>`
    : html`<p class="muted">${viewer.login} cannot push to this branch; act as somebody who can.</p>`;
  return html`<section class="side" data-testid="play"><h2>Try it</h2>
${pull.state === "closed" ? html`<p class="muted">The pull request is closed, and its preview is gone or going.</p>` : html`${mayPush ? push : ""}${hint}`}</section>`;
}
