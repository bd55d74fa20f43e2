import { roleOf } from "../actions/roles.ts";
import { includesRole } from "../present/repository.ts";
import type { PullRequestRecord, RepositoryRecord, UserRecord } from "../store/records.ts";
import { icons } from "./icons.ts";
import { bounded, type Escaped, html, type Markup, moment, path, plural, shortSha } from "./markup.ts";
import { accountName, type Part, placed, press } from "./parts.ts";
import { deliveryRow } from "./pull/aside.ts";
import { pullPath, repositoryPath, stateOf } from "./pull/subject.ts";
import type { Site } from "./site.ts";

const mostDeliveries = 8;
/** In whose name a fork is made: somebody who may read only, as most people on GitHub. */
export const stranger = "visitor";

/** The parts of a repository's page that change while one looks. */
export async function repositoryParts(site: Site, repository: RepositoryRecord, viewer: UserRecord): Promise<Part[]> {
  const { github } = site;
  const refs = [...(await github.git.refs(repository.id, ["refs/heads"]))];
  return [
    { id: "pulls", content: pullLists(site, repository) },
    { id: "play", content: play(site, repository, viewer, refs.length > 0) },
    { id: "branches", content: branches(site, repository, refs) },
    { id: "deliveries", content: deliveries(site, repository) },
  ];
}

/** The content of a repository's page. */
export async function repositoryContent(
  site: Site,
  repository: RepositoryRecord,
  viewer: UserRecord,
): Promise<Escaped> {
  const { github } = site;
  const [pulls, ...others] = await repositoryParts(site, repository, viewer);
  const parent = repository.parentId === null ? undefined : github.store.repositoryById(repository.parentId);
  const installed = github.store.installationOf(repository) !== undefined;
  return html`<h1 data-testid="title">${accountName(github.store.user(repository.ownerId))}<span>/${repository.name}</span></h1>
${repository.description === null ? "" : html`<p>${bounded(repository.description, 300)}</p>`}
<p class="muted">${parent === undefined ? "" : html`forked from <a href="${repositoryPath(site, parent)}">${repositoryPath(site, parent).slice(1)}</a> · `}${installed ? `${github.store.directory.app.name} is installed` : `${github.store.directory.app.name} is not installed`} ·
<code data-testid="clone-url">git clone ${github.url}${repositoryPath(site, repository)}.git</code></p>
<div class="columns"><div class="main">${pulls === undefined ? "" : placed(pulls)}</div><aside>${others.map(placed)}</aside></div>`;
}

function pullLists(site: Site, repository: RepositoryRecord): Markup {
  const all = site.github.store.pullRequests(repository).toReversed();
  const open = all.filter(({ state }) => state === "open");
  const closed = all.filter(({ state }) => state === "closed");
  return html`<section class="box" data-testid="open-pulls"><h2>${plural(open.length, "open pull request")}</h2>
${open.length === 0 ? html`<p class="row muted">There is none: open one with a button of this page, or with git and the API.</p>` : open.map((pull) => pullRow(site, repository, pull))}</section>
${closed.length === 0 ? "" : html`<section class="box" data-testid="closed-pulls"><h2>${closed.length} closed</h2>${closed.map((pull) => pullRow(site, repository, pull))}</section>`}`;
}

function pullRow(site: Site, repository: RepositoryRecord, pull: PullRequestRecord): Markup {
  const state = stateOf(pull);
  return html`<div class="row" data-testid="pull" data-state="${state}" data-number="${pull.number}"><span class="look ${state}">${icons[state]}</span>
<div class="grow"><p><a class="strong" href="${pullPath(site, repository, pull)}">${pull.title}</a></p>
<p class="muted">#${pull.number} by ${accountName(site.github.store.user(pull.authorId))} ${moment(pull.createdAt)} · ${plural(pull.comments.length, "comment")}</p></div></div>`;
}

function play({ github }: Site, repository: RepositoryRecord, viewer: UserRecord, hasCommits: boolean): Markup {
  const to = (verb: string): string =>
    path("-", "repository", github.store.user(repository.ownerId).login, repository.name, verb);
  const mayPush = includesRole(roleOf(repository, viewer.id), "write");
  const open = press({
    action: to("open"),
    label: "Open a pull request with a sample change",
    test: "open-pull",
    kind: "primary",
  });
  const visitor = github.store.userByLogin(stranger);
  const mayFork =
    visitor !== undefined && visitor.id !== repository.ownerId && roleOf(repository, visitor.id) !== undefined;
  const fork = press({ action: to("fork"), label: `Fork, and open one as ${stranger}`, test: "open-fork-pull" });
  if (!hasCommits)
    return html`<section class="side" data-testid="play"><h2>Try it</h2><p class="muted">Push a first commit, then buttons appear here.</p></section>`;
  return html`<section class="side" data-testid="play"><h2>Try it</h2>
${mayPush ? open : html`<p class="muted">${viewer.login} cannot push here; act as somebody who can.</p>`}
${mayFork ? html`${fork}<p class="muted">A stranger’s change is held until somebody with write access approves it.</p>` : ""}</section>`;
}

function branches(site: Site, repository: RepositoryRecord, refs: readonly (readonly [string, string])[]): Markup {
  const rows = refs.map(([ref, sha]) => {
    const branch = ref.slice("refs/heads/".length);
    return html`<li data-testid="branch" data-name="${branch}"><code class="ref">${branch}</code> <a href="${repositoryPath(site, repository)}/commit/${sha}"><code>${shortSha(sha)}</code></a>${branch === repository.defaultBranch ? html` <span class="badge">default</span>` : ""}</li>`;
  });
  return html`<section class="side" data-testid="branches"><h2>${icons.branch} Branches</h2>
${rows.length === 0 ? html`<p class="muted">None yet</p>` : html`<ul class="plain">${rows}</ul>`}</section>`;
}

function deliveries({ github }: Site, repository: RepositoryRecord): Markup {
  const all = github.webhooks.deliveries.list().filter(({ repositoryId }) => repositoryId === repository.id);
  return html`<section class="side" data-testid="deliveries"><h2>Webhook deliveries</h2>
${all.length === 0 ? html`<p class="muted">None yet</p>` : html`<ul class="deliveries">${all.slice(0, mostDeliveries).map(deliveryRow)}</ul>`}</section>`;
}
