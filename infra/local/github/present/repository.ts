import type { GitHub } from "../context.ts";
import type { RepositoryRecord, Role } from "../store/records.ts";
import { nodeId } from "./ids.ts";
import { presentUser } from "./users.ts";

export function fullName(github: GitHub, repository: RepositoryRecord): string {
  return `${github.store.user(repository.ownerId).login}/${repository.name}`;
}

/** The API's address of a repository. */
export function repositoryApi(github: GitHub, repository: RepositoryRecord): string {
  return `${github.apiUrl}/repos/${fullName(github, repository)}`;
}

/** The page of a repository. */
export function repositoryPage(github: GitHub, repository: RepositoryRecord): string {
  return `${github.url}/${fullName(github, repository)}`;
}

/** What GitHub embeds of a repository in pull requests, events and lists. */
export function presentRepository(github: GitHub, repository: RepositoryRecord) {
  const page = repositoryPage(github, repository);
  const openIssues = repository.threads.filter((thread) => thread.state === "open").length;
  const forks = github.store.repositories().filter((other) => other.parentId === repository.id).length;
  const sshPath = `${fullName(github, repository)}.git`;
  const host = new URL(github.url).hostname;
  return {
    id: repository.id,
    node_id: nodeId("R", repository.id),
    name: repository.name,
    full_name: fullName(github, repository),
    private: repository.private,
    owner: presentUser(github, github.store.user(repository.ownerId)),
    html_url: page,
    description: repository.description,
    fork: repository.parentId !== null,
    ...addressTemplates(repositoryApi(github, repository)),
    created_at: repository.createdAt,
    updated_at: repository.updatedAt,
    pushed_at: repository.pushedAt,
    git_url: `git://${host}/${sshPath}`,
    ssh_url: `git@${host}:${sshPath}`,
    clone_url: `${page}.git`,
    svn_url: page,
    homepage: null,
    size: 0,
    stargazers_count: 0,
    watchers_count: 0,
    language: null,
    has_issues: true,
    has_projects: false,
    has_downloads: true,
    has_wiki: false,
    has_pages: false,
    has_discussions: false,
    forks_count: forks,
    mirror_url: null,
    archived: false,
    disabled: false,
    open_issues_count: openIssues,
    license: null,
    allow_forking: true,
    is_template: false,
    web_commit_signoff_required: false,
    topics: [],
    visibility: repository.private ? "private" : "public",
    forks,
    open_issues: openIssues,
    watchers: 0,
    default_branch: repository.defaultBranch,
  };
}

/** A repository asked for by itself: with its parent, merge settings and what the caller may do. */
export function presentFullRepository(github: GitHub, repository: RepositoryRecord, role: Role | undefined) {
  const parent = repository.parentId === null ? undefined : github.store.repositoryById(repository.parentId);
  const presentedParent = parent === undefined ? undefined : presentRepository(github, parent);
  return {
    ...presentRepository(github, repository),
    ...(role === undefined ? {} : { permissions: permissionsOf(role) }),
    allow_merge_commit: true,
    allow_squash_merge: true,
    allow_rebase_merge: false,
    allow_auto_merge: false,
    delete_branch_on_merge: false,
    allow_update_branch: false,
    network_count: 0,
    subscribers_count: 0,
    ...(presentedParent === undefined ? {} : { parent: presentedParent, source: presentedParent }),
  };
}

const order: readonly Role[] = ["read", "triage", "write", "maintain", "admin"];

/** Whether a role includes another: a maintainer may do what a writer may. */
export function includesRole(role: Role | undefined, needed: Role): boolean {
  return role !== undefined && order.indexOf(role) >= order.indexOf(needed);
}

function permissionsOf(role: Role) {
  return {
    admin: includesRole(role, "admin"),
    maintain: includesRole(role, "maintain"),
    push: includesRole(role, "write"),
    triage: includesRole(role, "triage"),
    pull: includesRole(role, "read"),
  };
}

function addressTemplates(api: string) {
  return {
    url: api,
    forks_url: `${api}/forks`,
    keys_url: `${api}/keys{/key_id}`,
    collaborators_url: `${api}/collaborators{/collaborator}`,
    teams_url: `${api}/teams`,
    hooks_url: `${api}/hooks`,
    issue_events_url: `${api}/issues/events{/number}`,
    events_url: `${api}/events`,
    assignees_url: `${api}/assignees{/user}`,
    branches_url: `${api}/branches{/branch}`,
    tags_url: `${api}/tags`,
    blobs_url: `${api}/git/blobs{/sha}`,
    git_tags_url: `${api}/git/tags{/sha}`,
    git_refs_url: `${api}/git/refs{/sha}`,
    trees_url: `${api}/git/trees{/sha}`,
    statuses_url: `${api}/statuses/{sha}`,
    languages_url: `${api}/languages`,
    stargazers_url: `${api}/stargazers`,
    contributors_url: `${api}/contributors`,
    subscribers_url: `${api}/subscribers`,
    subscription_url: `${api}/subscription`,
    commits_url: `${api}/commits{/sha}`,
    git_commits_url: `${api}/git/commits{/sha}`,
    comments_url: `${api}/comments{/number}`,
    issue_comment_url: `${api}/issues/comments{/number}`,
    contents_url: `${api}/contents/{+path}`,
    compare_url: `${api}/compare/{base}...{head}`,
    merges_url: `${api}/merges`,
    archive_url: `${api}/{archive_format}{/ref}`,
    downloads_url: `${api}/downloads`,
    issues_url: `${api}/issues{/number}`,
    pulls_url: `${api}/pulls{/number}`,
    milestones_url: `${api}/milestones{/number}`,
    notifications_url: `${api}/notifications{?since,all,participating}`,
    labels_url: `${api}/labels{/name}`,
    releases_url: `${api}/releases{/id}`,
    deployments_url: `${api}/deployments`,
  };
}
