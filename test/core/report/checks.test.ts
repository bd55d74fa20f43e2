import { describe, expect, test } from "vitest";
import { checkReport } from "../../../src/report/checks.ts";
import { deploymentReport, environmentName } from "../../../src/report/deployment.ts";
import { head, states, view } from "./views.ts";

const state = (name: string) => states[name] ?? view({});

describe("the check run", () => {
  test.each([
    ["held-fork", "completed", "action_required", "Held"],
    ["not-made", "completed", "neutral", "Not made"],
    ["new", "queued", undefined, "Waiting"],
    ["waiting", "queued", undefined, "Waiting"],
    ["building", "in_progress", undefined, "Building"],
    ["deploying", "in_progress", undefined, "Starting"],
    ["ready", "completed", "success", "Ready after 22 s"],
    ["ready-without-images", "completed", "success", "Ready"],
    ["failing", "completed", "failure", "Failing"],
    ["failed-build", "completed", "failure", "Failed while building shop-web"],
    ["failed-start", "completed", "failure", "Failed while starting"],
    ["failed-guard", "completed", "failure", "Failed"],
    ["asleep", "completed", "success", "Asleep"],
    ["removing", "completed", "neutral", "Being removed"],
    ["removed", "completed", "neutral", "Removed"],
  ])("%s is %s %s: %s", (name, status, conclusion, title) => {
    const report = checkReport(state(name));
    expect(report).toMatchObject({ commit: head, status, title, externalId: "42/12" });
    expect(report.conclusion).toBe(conclusion);
    expect(report.summary.length).toBeGreaterThan(5);
  });

  test("annotates the line at fault, in words without Markdown", () => {
    expect(checkReport(state("failed-build")).annotations).toEqual([
      {
        path: "web/Dockerfile",
        line: 7,
        message: "RUN npm run build fails with exit code 2. Correct what its last lines say.",
      },
    ]);
    expect(checkReport(state("failed-guard")).annotations).toMatchObject([
      { path: "chart/templates/deployment.yaml", line: 1 },
    ]);
    expect(checkReport(state("failed-start")).annotations).toEqual([]);
  });

  test("annotates every place at fault, as many as GitHub takes", () => {
    const { failure } = state("failed-guard").preview.status;
    if (failure === undefined) throw new Error("nothing is at fault");
    const others = Array.from({ length: 49 }, (_, index) => ({
      file: "greenroom.yaml",
      line: index + 1,
      what: `\`images[${index}]\` has token=hunter2hunter2`,
    }));
    const told = checkReport(view({ phase: "Failed", failure: { ...failure, others: [...others, ...others] } }));
    expect(told.annotations).toHaveLength(50);
    expect(told.annotations.slice(0, 2)).toMatchObject([
      { path: "chart/templates/deployment.yaml", line: 1 },
      { path: "greenroom.yaml", line: 1, message: "images[0] has token=***" },
    ]);
  });

  test.each([
    ["held-fork", ["approve"]],
    ["stopped", ["deploy"]],
    ["not-made", ["deploy"]],
    ["expired", ["deploy"]],
    ["ready", ["rebuild"]],
    ["failing", ["rebuild"]],
    ["failed-start", ["rebuild"]],
    ["asleep", ["rebuild"]],
    ["building", []],
    ["waiting-in-line", []],
    ["removing", []],
    ["removed", []],
  ])("%s has the buttons %j", (name, expected) => {
    const { actions } = checkReport(state(name));
    expect(actions.map(({ identifier }) => identifier)).toEqual(expected);
    for (const { label, description } of actions) {
      expect(label.length).toBeLessThanOrEqual(20);
      expect(description.length).toBeLessThanOrEqual(40);
    }
  });

  test("a fork's commit that nobody wants a preview of has the button that says both", () => {
    const remedy = `After reviewing the code, someone can have one made: \`/preview approve ${head}\`.`;
    const unwanted = { onRequest: true, silent: false };
    const { actions } = checkReport(view({ phase: "Held", unwanted, reason: "Made on request.", remedy }));
    expect(actions.map(({ identifier }) => identifier)).toEqual(["approve"]);
  });

  test("leads to the preview where it runs, or to its page", () => {
    expect(checkReport(state("ready")).detailsUrl).toBe("https://12-shop.preview.example");
    expect(checkReport(state("ready-without-images")).detailsUrl).toBe("https://greenroom.example/12-shop");
    expect(checkReport(state("building")).detailsUrl).toBeUndefined();
  });
});

describe("the deployment", () => {
  test.each([
    ["ready", "success", "Ready after 22 s"],
    ["asleep", "success", "Asleep; it wakes up when its address is opened"],
    ["failing", "failure", "api exits with code 7 after it was ready: Error: lost the connection."],
    ["failed-by-us", "failure", "Greenroom ran into an error that it did not expect."],
    ["removing", "inactive", "Removed"],
    ["removed", "inactive", "Removed"],
  ])("%s is %s: %s", (name, expected, description) => {
    const report = deploymentReport(state(name));
    expect(report).toMatchObject({ commit: head, environment: "preview/pr-12", state: expected, description });
    expect(report?.url).toBe(expected === "inactive" ? undefined : "https://12-shop.preview.example");
  });

  test.each(["held-fork", "new", "waiting", "building", "deploying"])("%s has none", (name) => {
    expect(deploymentReport(state(name))).toBeUndefined();
  });

  test("leads to the comment, which says how it went", () => {
    const known = view({ phase: "Ready", comment: 77 });
    const url = "https://github.example/acme/shop/pull/12";
    const onGitHub = { ...known, pullRequest: { ...known.pullRequest, url } };
    expect(deploymentReport(onGitHub)?.logUrl).toBe(`${url}#issuecomment-77`);
    expect(deploymentReport(known)?.logUrl).toBeUndefined();
  });

  test("its description fits", () => {
    const failure = { kind: "user" as const, code: "x", what: "long ".repeat(100), remedy: "" };
    expect(deploymentReport(view({ phase: "Failed", failure }))?.description).toHaveLength(140);
    expect(environmentName(7)).toBe("preview/pr-7");
  });
});
