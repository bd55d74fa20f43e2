import { requestCheckAction } from "../../actions/checks.ts";
import { setDraft } from "../../actions/edit-pull-request.ts";
import { addLabels, removeLabel } from "../../actions/labels.ts";
import { mergePullRequest } from "../../actions/merge.ts";
import { closePullRequest, reopenPullRequest } from "../../actions/pull-requests.ts";
import { notFound, Refusal } from "../../actions/refusal.ts";
import { addComment } from "../../actions/threads.ts";
import type { GitHub } from "../../context.ts";
import type { PullRequestRecord, RepositoryRecord, UserRecord } from "../../store/records.ts";
import { type Fields, required } from "../forms.ts";
import { pushSampleChange } from "../sample-change.ts";

interface Press {
  readonly github: GitHub;
  readonly repository: RepositoryRecord;
  readonly pull: PullRequestRecord;
  readonly actor: UserRecord;
  readonly fields: Fields;
}

type Verb = (press: Press) => unknown;

/** What the buttons of a pull request's page do, by the last word of their address. */
export const verbs: Readonly<Record<string, Verb>> = {
  push: ({ github, actor, pull }) => pushSampleChange(github, actor, pull),
  comment: ({ github, repository, pull, actor, fields }) => {
    const as = fields["as"] === undefined ? actor : github.store.userByLogin(fields["as"]);
    if (as?.type !== "User") throw notFound();
    // A browser ends lines as HTTP does; what people wrote are line feeds.
    addComment(github, as, repository, pull, required(fields, "body").replaceAll("\r\n", "\n"));
  },
  close: ({ github, actor, repository, pull }) => closePullRequest(github, actor, repository, pull),
  reopen: ({ github, actor, repository, pull }) => reopenPullRequest(github, actor, repository, pull),
  merge: ({ github, actor, repository, pull }) => mergePullRequest(github, actor, repository, pull),
  draft: ({ github, actor, repository, pull }) => setDraft(github, actor, repository, pull, true),
  ready: ({ github, actor, repository, pull }) => setDraft(github, actor, repository, pull, false),
  label: ({ github, actor, repository, pull, fields }) =>
    addLabels(github, actor, repository, pull, [labelName(fields)]),
  unlabel: ({ github, actor, repository, pull, fields }) =>
    removeLabel(github, actor, repository, pull, required(fields, "name")),
  check: ({ github, actor, repository, fields }) => {
    const run = repository.checkRuns.find(({ id }) => String(id) === required(fields, "run"));
    if (run === undefined) throw notFound();
    requestCheckAction(github, actor, repository, run, required(fields, "identifier"));
  },
};

function labelName(fields: Fields): string {
  const name = required(fields, "name").trim();
  if (name === "" || name.length > 50) throw new Refusal(422, "A label has a name of at most 50 characters.");
  return name;
}
