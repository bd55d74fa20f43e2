import { describe, expect, test } from "vitest";
import { admissionPolicies } from "../../../src/objects/admission-policy.ts";
import { allowedKinds } from "../../../src/objects/kinds.ts";
import { at, listOf, textOf } from "../../../src/objects/read.ts";

const all = admissionPolicies("greenroom-deployers");
const policies = all.filter(({ kind }) => kind === "ValidatingAdmissionPolicy");
const bindings = all.filter(({ kind }) => kind === "ValidatingAdmissionPolicyBinding");

// That they compile and refuse what they should is for the API server to say; see test/integration.
describe("policies of the API server", () => {
  test("each denies, on namespaces of previews, and where it cannot be judged", () => {
    expect(policies.length).toBeGreaterThan(0);
    expect(bindings.map(({ metadata }) => metadata.name)).toEqual(policies.map(({ metadata }) => metadata.name));
    for (const binding of bindings) {
      expect(binding.spec).toEqual({
        policyName: binding.metadata.name,
        validationActions: ["Deny"],
        matchResources: {
          namespaceSelector: { matchExpressions: [{ key: "greenroom.dev/preview", operator: "Exists" }] },
        },
      });
    }
    for (const policy of policies) expect(at(policy, "spec", "failurePolicy")).toBe("Fail");
  });

  test("every kind that the guard allows is looked at", () => {
    const looked = policies
      .flatMap((policy) => listOf(at(policy, "spec", "matchConstraints", "resourceRules")))
      .flatMap((rule) => listOf(at(rule, "resources")));
    expect(allowedKinds.map(({ resource }) => resource).filter((resource) => !looked.includes(resource))).toEqual([]);
  });

  test("rules that Greenroom itself does not keep to are for deployers only", () => {
    const conditions = policies.map((policy) => [
      policy.metadata.name,
      listOf(at(policy, "spec", "matchConditions")).length,
    ]);
    expect(conditions.filter(([, count]) => count === 1).map(([name]) => name)).toEqual([
      "greenroom-preview-claims",
      "greenroom-preview-roles",
      "greenroom-preview-rolebindings",
      "greenroom-preview-objects",
    ]);
    expect(JSON.stringify(policies)).toContain("startsWith('system:serviceaccount:greenroom-deployers:')");
  });

  test("messages say what is so in previews", () => {
    const messages = policies
      .flatMap((policy) => listOf(at(policy, "spec", "validations")))
      .map((each) => textOf(at(each, "message")));
    for (const message of messages) expect(message).toMatch(/preview|Greenroom/);
  });
});
