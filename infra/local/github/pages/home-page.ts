import type { RepositoryRecord, UserRecord } from "../store/records.ts";
import { icons } from "./icons.ts";
import { bounded, html, type Markup, path, plural } from "./markup.ts";
import { avatar, type Part, placed, press } from "./parts.ts";
import { repositoryPath } from "./pull/subject.ts";
import { type Sample, samples } from "./samples.ts";
import type { Site } from "./site.ts";
import { viewers } from "./viewer.ts";

/** The parts of the first page that change while one looks. */
export function homeParts(site: Site, owner: UserRecord | undefined): Part[] {
  const all = site.github.store.repositories();
  const shown = all.filter(({ ownerId }) => owner === undefined || owner.id === ownerId).toReversed();
  return [{ id: "repositories", content: repositories(site, shown) }];
}

/** The content of the first page, or of one person's. */
export function homeContent(site: Site, viewer: UserRecord, owner: UserRecord | undefined): Markup {
  const [list] = homeParts(site, owner);
  return html`<h1 data-testid="title">${owner === undefined ? "Try Greenroom here" : owner.login}</h1>
${owner === undefined ? loop : ""}
<div class="columns"><div class="main">${list === undefined ? "" : placed(list)}</div>
<aside>${newFromSample(viewer)}${people(site)}</aside></div>`;
}

const loop = html`<p class="lead">This is a GitHub of this machine’s own: repositories with real git, pull requests, and an app called Greenroom that gives each of them a preview.</p>
<ol class="loop"><li>Make a repository from a sample.</li><li>Open a pull request with a sample change.</li><li>Watch the comment: it gets a URL. Visit it.</li><li>Push another change, and see only what changed being built.</li><li>Close it: everything it had is taken away.</li></ol>`;

function repositories(site: Site, shown: readonly RepositoryRecord[]): Markup {
  return html`<section class="box" data-testid="repositories"><h2>${shown.length === 1 ? "1 repository" : `${shown.length} repositories`}</h2>
${shown.length === 0 ? html`<p class="row muted">None yet: make one from a sample, or POST /user/repos and push to it.</p>` : shown.map((repository) => row(site, repository))}</section>`;
}

function row(site: Site, repository: RepositoryRecord): Markup {
  const address = repositoryPath(site, repository);
  const open = site.github.store.pullRequests(repository).filter(({ state }) => state === "open").length;
  return html`<div class="row" data-testid="repository" data-name="${decodeURIComponent(address.slice(1))}"><span class="look">${icons.repository}</span>
<div class="grow"><p><a class="strong" href="${address}">${decodeURIComponent(address.slice(1))}</a>${repository.parentId === null ? "" : html` <span class="badge">fork</span>`}</p>
<p class="muted">${repository.description === null ? "" : `${bounded(repository.description, 140)} · `}${plural(open, "open pull request")}</p></div></div>`;
}

function newFromSample(viewer: UserRecord): Markup {
  const names: Sample[] = ["shop", "hello"];
  return html`<section class="side" data-testid="samples"><h2>New repository</h2>
${names.map((sample) => html`${press({ action: "/-/repositories", label: `Create ${sample}`, test: `create-${sample}`, kind: sample === "shop" ? "primary" : undefined, fields: { sample } })}<p class="muted">${samples[sample]}</p>`)}
<p class="muted">It will belong to ${viewer.login}.</p></section>`;
}

function people(site: Site): Markup {
  return html`<section class="side" data-testid="people"><h2>People</h2><ul class="plain">
${viewers(site.github).map((user) => html`<li>${avatar(user)} <a class="name" href="${path(user.login)}">${user.login}</a></li>`)}</ul></section>`;
}
