import type { DeploymentRecord, DeploymentState } from "../../store/records.ts";
import type { DeliverySummary } from "../../webhooks/deliveries.ts";
import { icons } from "../icons.ts";
import { bounded, html, type Markup, moment, safeUrl, shortSha } from "../markup.ts";
import { press } from "../parts.ts";
import { pullAction, type Subject } from "./subject.ts";

const deploymentWords: Readonly<Record<DeploymentState, string>> = {
  success: "Active",
  inactive: "Inactive",
  in_progress: "In progress",
  queued: "Queued",
  pending: "Pending",
  failure: "Failed",
  error: "Failed",
};

/** The newest deployment of each environment that one of the pull request's commits was deployed to. */
function currentDeployments({ repository, pull, commits }: Subject): DeploymentRecord[] {
  const shas = new Set([...commits.map(({ sha }) => sha), pull.head.sha]);
  const environments = new Set(
    repository.deployments.filter(({ sha }) => shas.has(sha)).map(({ environment }) => environment),
  );
  return [...environments].flatMap((environment) => {
    const newest = repository.deployments
      .filter((deployment) => deployment.environment === environment)
      .toSorted((one, other) => other.id - one.id)[0];
    return newest === undefined ? [] : [newest];
  });
}

/** Where the pull request runs. */
export function deployments(subject: Subject): Markup {
  const current = currentDeployments(subject);
  return html`<section class="side" data-testid="deployments"><h2>Deployments</h2>
${current.length === 0 ? html`<p class="muted">None yet</p>` : current.map(deploymentEntry)}</section>`;
}

function deploymentEntry({ id, environment, sha, statuses }: DeploymentRecord): Markup {
  const status = statuses.toSorted((one, other) => other.id - one.id)[0];
  const state: DeploymentState = status?.state ?? "pending";
  const link = state === "inactive" ? undefined : safeUrl(status?.environmentUrl);
  return html`<div class="deployment" data-testid="deployment" data-state="${state}" id="deployment-${id}">
<p><span class="dot ${state}"></span> <strong>${bounded(environment, 80)}</strong> <span class="muted">${deploymentWords[state]} · <code>${shortSha(sha)}</code></span></p>
${status === undefined || status.description === "" ? "" : html`<p class="muted">${bounded(status.description, 140)}</p>`}
${link === undefined ? "" : html`<p><a class="button" href="${link}" rel="nofollow noopener" target="_blank" data-testid="view-deployment">${icons.rocket} View deployment</a></p>`}</div>`;
}

/** Labels, with buttons to take them off and to put one on. */
export function labels({ site, repository, pull }: Subject): Markup {
  const on = repository.labels.filter(({ id }) => pull.labelIds.includes(id));
  const shown = on.map(
    ({ name }) =>
      html`<span class="label" data-testid="label" data-name="${name}">${bounded(name, 50)} ${press({
        action: pullAction(site, repository, pull, "unlabel"),
        label: "×",
        title: `Remove the label ${name}`,
        test: "remove-label",
        kind: "quiet",
        fields: { name },
      })}</span>`,
  );
  return html`<section class="side" data-testid="labels"><h2>Labels</h2>
${on.length === 0 ? html`<p class="muted">None yet</p>` : html`<div>${shown}</div>`}</section>`;
}

const mostShown = 8;

/** What the app was told of this pull request, and how it answered. */
export function deliveries({ site, repository, pull }: Subject): Markup {
  const all = site.deliveries.of(repository, pull);
  const hidden = all.length - mostShown;
  return html`<section class="side" data-testid="deliveries"><h2>Webhook deliveries</h2>
${all.length === 0 ? html`<p class="muted">None yet</p>` : html`<ul class="deliveries">${all.slice(0, mostShown).map((each) => deliveryRow(each))}</ul>`}
${hidden > 0 ? html`<p class="muted">and ${hidden} earlier</p>` : ""}</section>`;
}

/** One delivery in a list, with the button that sends it again. */
export function deliveryRow({
  id,
  event,
  action,
  statusCode,
  status,
  deliveredAt,
  redelivery,
}: DeliverySummary): Markup {
  const good = statusCode >= 200 && statusCode < 300;
  const again = press({
    action: `/-/deliveries/${id}/redeliver`,
    label: "↻",
    title: "Send this delivery again",
    test: "redeliver",
    kind: "quiet",
  });
  return html`<li data-testid="delivery" data-event="${event}" data-action="${action ?? ""}" data-status="${statusCode}">
<a href="/-/deliveries/${id}"><code>${event}${action === null ? "" : `.${action}`}</code></a>${redelivery ? html` <span class="badge">again</span>` : ""}
<span class="code ${good ? "good" : "bad"}" title="${status}">${statusCode}</span> <span class="muted">${moment(deliveredAt)}</span> ${again}</li>`;
}
