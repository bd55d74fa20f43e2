import { stringify } from "yaml";
import { previewDefinition } from "../../src/adapters/kubernetes/crd.ts";
import { admissionPolicies } from "../../src/objects/admission-policy.ts";
import { deployerRole } from "../../src/objects/deployer-role.ts";

function yaml(source: string, ...objects: object[]): string {
  const documents = objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false }));
  return `# Made from ${source}; change it there and run \`npm run docs\`.\n${documents.join("---\n")}`;
}

/** The files of the chart that are made from code, by path. */
export function crdFiles(): Record<string, string> {
  return {
    "charts/greenroom/crds/previews.yaml": yaml("src/preview/preview.ts", previewDefinition()),
    "charts/greenroom/templates/deployer-role.yaml": yaml("src/objects/deployer-role.ts", deployerRole()),
    "charts/greenroom/templates/preview-policies.yaml": yaml(
      "src/objects/admission-policy.ts",
      ...admissionPolicies("{{ .Values.deployersNamespace }}"),
    ),
  };
}
