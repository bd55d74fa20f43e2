import { describe, expect, test } from "vitest";
import { type OperatorPolicy, wanted } from "../../../src/policy/triggers.ts";
import type { PullRequest } from "../../../src/preview/pull-request.ts";
import { readPolicy } from "../../../src/project/read-policy.ts";
import { headCommit, samplePullRequest } from "../preview/sample.ts";

const anything: OperatorPolicy = { repositories: [], trigger: "always", unconfigured: "request" };
const draft = { draft: true };
const bot = { author: { login: "renovate", bot: true, permission: "none" as const } };
const fork = { head: { sha: headCommit, ref: "blue", repositoryId: 99 } };
const stranger = { author: { login: "visitor", bot: false, permission: "read" as const } };
const labelled = (...labels: string[]) => ({ labels });
const into = (ref: string) => ({ base: { sha: "b".repeat(40), ref } });

type Given = {
  config?: string | undefined;
  pr?: Partial<PullRequest>;
  operator?: Partial<OperatorPolicy>;
  files?: readonly string[] | "many";
};

function judge({ config, pr = {}, operator = {}, files }: Given) {
  const policy = readPolicy(config === undefined ? undefined : { file: "greenroom.yaml", text: config });
  return wanted(samplePullRequest(pr), policy, { ...anything, ...operator }, files);
}

/** `yes`, `on request` or `forbidden`, with `, silent`. */
function verdict(given: Given): string {
  const found = judge(given);
  if (found === "needs files") return found;
  if (found.wanted) return "yes";
  return `${found.onRequest ? "on request" : "forbidden"}${found.silent ? ", silent" : ""}`;
}

function remedy(given: Given): string {
  const found = judge(given);
  return found === "needs files" || found.wanted ? "" : found.remedy;
}

describe("what a repository says", () => {
  test.each<[string, string, Partial<PullRequest>, string]>([
    ["nothing", "", {}, "yes"],
    ["nothing, and it is a draft", "", draft, "yes"],
    ["nothing, and it is a bot's", "", bot, "yes"],
    ["always", "{trigger: always}", {}, "yes"],
    ["label, and it has none", "{trigger: label}", {}, "on request"],
    ["label, and it has it", "{trigger: label}", labelled("bug", "Preview"), "yes"],
    ["label, and it has another", "{trigger: label}", labelled("previews"), "on request"],
    ["another label, and it has it", "{trigger: label, label: try it}", labelled("try it"), "yes"],
    ["another label, and it has the usual one", "{trigger: label, label: try it}", labelled("preview"), "on request"],
    ["command", "{trigger: command}", labelled("preview"), "on request"],
    ["no drafts", "{drafts: false}", draft, "on request"],
    ["no drafts, and it is ready", "{drafts: false}", {}, "yes"],
    [
      "no drafts, and it is labelled",
      "{drafts: false, trigger: label}",
      { ...draft, ...labelled("preview") },
      "on request",
    ],
    ["no bots", "{bots: false}", bot, "on request"],
    ["no bots, and it is a person's", "{bots: false}", {}, "yes"],
    ["some bots", "{bots: [dependabot, 'Renovate[bot]']}", bot, "yes"],
    ["other bots", "{bots: [dependabot]}", bot, "on request"],
    ["a required label", "{labels: {required: [ui, ok]}}", labelled("ok"), "forbidden"],
    ["a required label, and it has it", "{labels: {required: [ui]}}", labelled("UI"), "yes"],
    ["a forbidden label", "{labels: {forbidden: [wip]}}", labelled("WIP", "preview"), "forbidden"],
    ["a forbidden label, and it has none", "{labels: {forbidden: [wip]}}", {}, "yes"],
    ["base branches", "{branches: [main, release/*]}", into("release/1"), "yes"],
    ["other base branches", "{branches: [main, release/*]}", into("dev"), "forbidden"],
    ["silence", "{trigger: command, comment: silent}", {}, "on request, silent"],
    ["silence, and it is forbidden", "{branches: [dev], comment: silent}", {}, "forbidden, silent"],
  ])("%s", (_title, previews, pr, expected) => {
    expect(verdict({ config: previews === "" ? "" : `previews: ${previews}`, pr })).toBe(expected);
  });

  test.each([
    ["{ignore: [docs/**]}", ["docs/a.md", "docs/b.md"], "on request"],
    ["{ignore: [docs/**]}", ["docs/a.md", "web/a.ts"], "yes"],
    ["{include: [web/**]}", ["docs/a.md", "web/a.ts"], "yes"],
    ["{include: [web/**]}", ["docs/a.md"], "on request"],
    ["{include: [web/**], ignore: ['**/*.md']}", ["web/a.md"], "on request"],
    ["{include: [web/**]}", "many" as const, "yes"],
    ["{include: [web/**]}", [], "on request"],
    ["{include: [web/**]}", undefined, "needs files"],
  ])("paths: %s, %j", (paths, files, expected) => {
    expect(verdict({ config: `previews: {paths: ${paths}}`, ...(files !== undefined && { files }) })).toBe(expected);
  });

  test("which files are changed is not asked where something else decides", () => {
    const paths = "paths: {ignore: [docs/**]}";
    expect(verdict({ config: `previews: {trigger: command, ${paths}}` })).toBe("on request");
    expect(verdict({ config: `previews: {drafts: false, ${paths}}`, pr: draft })).toBe("on request");
    expect(verdict({ config: `previews: {labels: {forbidden: [x]}, ${paths}}`, pr: labelled("x") })).toBe("forbidden");
  });
});

describe("without a greenroom.yaml on the base branch", () => {
  const own = { head: { sha: headCommit, ref: "blue", repositoryId: 42, configured: true as const } };

  test.each<[string, Given, string]>([
    ["it is made on request", {}, "on request"],
    ["the label asks for it", { pr: labelled("preview") }, "yes"],
    ["adding one asks for it", { pr: own }, "yes"],
    ["a stranger's does not", { pr: { ...own, ...stranger } }, "on request"],
    ["silently", { operator: { unconfigured: "silent" } }, "on request, silent"],
    ["always", { operator: { unconfigured: "always" } }, "yes"],
    ["always, and a label at most", { operator: { unconfigured: "always", trigger: "label" } }, "on request"],
  ])("%s", (_title, given, expected) => {
    expect(verdict(given)).toBe(expected);
  });
});

describe("what the operator forbids stays forbidden", () => {
  const always = "previews: {trigger: always}";

  test.each<[string, Given, string]>([
    ["another repository", { operator: { repositories: ["acme/api", "other/*"] } }, "forbidden, silent"],
    ["a named repository", { operator: { repositories: ["Acme/Shop"] } }, "yes"],
    ["any of an owner", { operator: { repositories: ["acme/*"] } }, "yes"],
    ["a label at most", { operator: { trigger: "label" } }, "on request"],
    ["a label at most, and it has it", { operator: { trigger: "label" }, pr: labelled("preview") }, "yes"],
    ["a command at most", { operator: { trigger: "command" }, pr: labelled("preview") }, "on request"],
  ])("%s", (_title, given, expected) => {
    expect(verdict({ config: always, ...given })).toBe(expected);
  });

  test("a repository may be stricter", () => {
    const config = "previews: {trigger: command}";
    expect(verdict({ config, operator: { trigger: "label" }, pr: labelled("preview") })).toBe("on request");
  });
});

describe("a greenroom.yaml that cannot be read", () => {
  test.each([
    ["no YAML", "previews: [", "`greenroom.yaml:1`"],
    ["an unknown key", "chart: {path: chart}\npreviews:\n  triger: label\n", "`greenroom.yaml:3`"],
    ["no map", "- previews", "`greenroom.yaml:1`"],
  ])("%s: previews are made on request, and the place is told", (_title, config, place) => {
    const found = judge({ config });
    expect(found).toMatchObject({ wanted: false, onRequest: true, silent: false });
    expect(found).toMatchObject({ reason: expect.stringContaining(place) });
  });

  test("a mistake elsewhere in it says nothing about policy", () => {
    expect(verdict({ config: "imagse: []\npreviews: {drafts: false}", pr: draft })).toBe("on request");
    expect(verdict({ config: "imagse: []" })).toBe("yes");
  });

  test("one that is no text", () => {
    const policy = readPolicy({ file: "greenroom.yaml", text: undefined });
    expect(wanted(samplePullRequest(), policy, anything, undefined)).toMatchObject({ wanted: false, onRequest: true });
  });
});

describe("how to get one", () => {
  const onLabel = "previews: {trigger: label, label: try it}";

  test("by the label or a command, as far as they count", () => {
    expect(remedy({ config: onLabel })).toBe("To have one, add the label `try it`, or write `/preview deploy`.");
    expect(remedy({ config: onLabel, operator: { trigger: "command" } })).toBe("To have one, write `/preview deploy`.");
  });

  test("by approving the commit, where its code is not trusted", () => {
    const expected = `After reviewing the code, someone with write permission can have one made: \`/preview approve ${headCommit}\`.`;
    expect(remedy({ config: onLabel, pr: fork })).toBe(expected);
    expect(remedy({ config: onLabel, pr: stranger })).toBe(expected);
  });

  test("texts stay within what the record holds, whatever labels and branches are called", () => {
    const config = `previews: {branches: ['${"x".repeat(200)}', '${"y".repeat(200)}', '${"z".repeat(200)}', '${"w".repeat(200)}', '${"v".repeat(200)}']}`;
    const found = judge({ config, pr: into("d".repeat(250)) });
    if (found === "needs files" || found.wanted) throw new Error("expected a reason");
    expect(found.reason.length).toBeLessThanOrEqual(500);
  });
});
