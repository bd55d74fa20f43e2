import type { GitHub } from "../context.ts";
import { toSeconds } from "../context.ts";
import type { InstallationRecord } from "../store/records.ts";
import { nodeId } from "./ids.ts";
import { presentUser } from "./users.ts";

/** The app as GitHub's "integration". */
export function presentApp(github: GitHub) {
  const { app } = github.store.directory;
  return {
    id: app.id,
    slug: app.slug,
    node_id: nodeId("A", app.id),
    client_id: app.clientId,
    owner: presentUser(github, github.store.user(app.ownerId)),
    name: app.name,
    description: null,
    external_url: `${github.url}/apps/${app.slug}`,
    html_url: `${github.url}/apps/${app.slug}`,
    created_at: toSeconds(new Date(app.createdAt)),
    updated_at: toSeconds(new Date(app.createdAt)),
    permissions: app.permissions,
    events: app.events,
  };
}

export function presentInstallation(github: GitHub, installation: InstallationRecord) {
  const { app } = github.store.directory;
  const account = github.store.user(installation.accountId);
  const { suspended } = installation;
  return {
    id: installation.id,
    account: presentUser(github, account),
    repository_selection: "selected",
    access_tokens_url: `${github.apiUrl}/app/installations/${installation.id}/access_tokens`,
    repositories_url: `${github.apiUrl}/installation/repositories`,
    html_url: `${github.url}/settings/installations/${installation.id}`,
    app_id: app.id,
    client_id: app.clientId,
    app_slug: app.slug,
    target_id: account.id,
    target_type: account.type,
    permissions: app.permissions,
    events: app.events,
    created_at: installation.createdAt,
    updated_at: installation.updatedAt,
    single_file_name: null,
    has_multiple_single_files: false,
    single_file_paths: [],
    suspended_by: suspended === undefined ? null : presentUser(github, github.store.user(suspended.byId)),
    suspended_at: suspended?.at ?? null,
  };
}

/** How an event names the installation it is sent to. */
export function presentSimpleInstallation(installation: InstallationRecord) {
  return { id: installation.id, node_id: nodeId("INST", installation.id) };
}
