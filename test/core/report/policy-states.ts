import { type OperatorPolicy, wanted } from "../../../src/policy/triggers.ts";
import type { PullRequest } from "../../../src/preview/pull-request.ts";
import { readPolicy } from "../../../src/project/read-policy.ts";
import type { ReportView } from "../../../src/report/report-view.ts";
import { samplePullRequest } from "../preview/sample.ts";
import { view } from "./views.ts";

type Given = {
  /** What `previews:` says on the base branch; without it there is no greenroom.yaml. */
  previews?: string;
  pr?: Partial<PullRequest>;
  operator?: Partial<OperatorPolicy>;
};

/** The comment of a pull request of which policy wants no preview. */
function notMade({ previews, pr = {}, operator = {} }: Given): ReportView {
  const config = previews === undefined ? undefined : { file: "greenroom.yaml", text: `previews: ${previews}\n` };
  const anything: OperatorPolicy = { repositories: [], trigger: "always", unconfigured: "request" };
  const found = wanted(samplePullRequest(pr), readPolicy(config), { ...anything, ...operator }, []);
  if (found === "needs files" || found.wanted) throw new Error("a preview is wanted");
  const { reason, remedy, onRequest, silent } = found;
  return view({ phase: "Held", reason, remedy, unwanted: { onRequest, silent } });
}

const fork = { head: { sha: samplePullRequest().head.sha, ref: "blue", repositoryId: 99 } };
const bot = { author: { login: "renovate", bot: true, permission: "none" as const } };
const into = (ref: string) => ({ base: { sha: "b".repeat(40), ref } });

/** One for each reason there is. */
export const policyStates: Readonly<Record<string, ReportView>> = {
  "not-made-bot": notMade({ previews: "{bots: false}", pr: bot }),
  "not-made-branch": notMade({ previews: "{branches: [main, release/*]}", pr: into("@acme/`dev`") }),
  "not-made-command": notMade({ previews: "{trigger: command}" }),
  "not-made-draft": notMade({ previews: "{drafts: false}", pr: { draft: true } }),
  "not-made-fork": notMade({ previews: "{trigger: label}", pr: fork }),
  "not-made-forbidden-label": notMade({ previews: "{labels: {forbidden: [wip]}}", pr: { labels: ["WIP"] } }),
  "not-made-label": notMade({ previews: "{trigger: label, label: try it}" }),
  "not-made-operator": notMade({ previews: "{}", operator: { repositories: ["acme/api"] } }),
  "not-made-paths": notMade({ previews: "{paths: {ignore: [docs/**]}}" }),
  "not-made-policy-broken": notMade({ previews: "{trigger: sometimes}" }),
  "not-made-required-labels": notMade({ previews: "{labels: {required: [ui, ok]}}" }),
  "not-made-unconfigured": notMade({}),
};
