import { icons } from "../icons.ts";
import { html, type Markup, moment, plural } from "../markup.ts";
import { accountName } from "../parts.ts";
import { headLabel, pullPath, repositoryPath, type Subject, stateOf, stateWords } from "./subject.ts";

/** Title, state, and what would be merged where. */
export function heading(subject: Subject): Markup {
  const { site, repository, pull, commits } = subject;
  const { store } = site.github;
  const state = stateOf(pull);
  const actor = store.user(state === "merged" && pull.mergedById !== null ? pull.mergedById : pull.authorId);
  const verb = state === "merged" ? "merged" : "wants to merge";
  const here = pullPath(site, repository, pull);
  return html`<p class="path"><a href="${repositoryPath(site, repository)}">${store.user(repository.ownerId).login}/${repository.name}</a></p>
<h1 data-testid="title"><span>${pull.title}</span> <small>#${pull.number}</small></h1>
<p class="subline"><span class="state ${state}" data-testid="state">${icons[state]} ${stateWords[state]}</span>
<span>${accountName(actor)} ${verb} ${plural(commits.length, "commit")} into
<code class="ref" data-testid="base">${pull.base.ref}</code> from
<code class="ref" data-testid="head">${headLabel(site, repository, pull)}</code></span>
<span class="muted">opened ${moment(pull.createdAt)} ·
<a href="${here}/files" data-testid="files">${plural(pull.size.changedFiles, "file")}
<span class="plus">+${pull.size.additions}</span> <span class="minus">−${pull.size.deletions}</span></a></span></p>`;
}
