import { requestCheckAction, rerequestCheckRun } from "../../actions/checks.ts";
import { setDraft } from "../../actions/edit-pull-request.ts";
import { addLabels, removeLabel } from "../../actions/labels.ts";
import { mergePullRequest } from "../../actions/merge.ts";
import { closePullRequest, reopenPullRequest } from "../../actions/pull-requests.ts";
import { notFound, Refusal } from "../../actions/refusal.ts";
import { addComment, deleteComment, editComment } from "../../actions/threads.ts";
import type { GitHub } from "../../context.ts";
import type {
  CheckRunRecord,
  CommentRecord,
  PullRequestRecord,
  RepositoryRecord,
  UserRecord,
} from "../../store/records.ts";
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
    addComment(github, as, repository, pull, textOf(fields));
  },
  "edit-comment": (press) => {
    const { github, repository, pull, actor, fields } = press;
    editComment(github, actor, repository, pull, commentOf(press), textOf(fields));
  },
  "delete-comment": (press) => {
    const { github, repository, pull, actor } = press;
    deleteComment(github, actor, repository, pull, commentOf(press));
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
  check: ({ github, actor, repository, fields }) =>
    requestCheckAction(github, actor, repository, runOf(repository, fields), required(fields, "identifier")),
  rerun: ({ github, actor, repository, fields }) =>
    rerequestCheckRun(github, actor, repository, runOf(repository, fields)),
};

/** A browser ends lines as HTTP does; what people wrote are line feeds. */
function textOf(fields: Fields): string {
  return required(fields, "body").replaceAll("\r\n", "\n");
}

function commentOf({ pull, fields }: Press): CommentRecord {
  const comment = pull.comments.find(({ id }) => String(id) === required(fields, "comment"));
  if (comment === undefined) throw notFound();
  return comment;
}

function runOf(repository: RepositoryRecord, fields: Fields): CheckRunRecord {
  const run = repository.checkRuns.find(({ id }) => String(id) === required(fields, "run"));
  if (run === undefined) throw notFound();
  return run;
}

function labelName(fields: Fields): string {
  const name = required(fields, "name").trim();
  if (name === "" || name.length > 50) throw new Refusal(422, "A label has a name of at most 50 characters.");
  return name;
}
