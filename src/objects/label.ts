import type { Preview } from "../preview/preview.ts";
import { asObject, flatten } from "./flatten.ts";
import { isClusterScoped } from "./kinds.ts";
import type { KubernetesObject, SourcedObject } from "./kubernetes-object.ts";
import { annotations, labels, pullSecretName } from "./our-names.ts";
import { podTemplate } from "./pod-template.ts";
import { at, isMap, type Json, listOf, mapOf, textOf } from "./read.ts";

/** Whose preview an object is part of. */
export type Owner = {
  preview: Pick<Preview, "name" | "spec">;
  namespace: string;
  commit: string;
  attempt: number;
};

/**
 * Makes objects recognisable as one preview's: labels on them and on the pods they make, commit and attempt as
 * annotations, the namespace; pods may pull, and get no token of the API unless the chart wants one. Selectors stay as they are.
 */
export function labelObjects(objects: readonly SourcedObject[], owner: Owner): SourcedObject[] {
  const copies = structuredClone(flatten(objects));
  const withToken = accountsWithToken(copies);
  return copies.map(({ object, file }) => ({ object: adopted(object, owner, withToken), file }));
}

/** The labels by which everything of a preview is found. */
export function ownerLabels({ name, spec }: Pick<Preview, "name" | "spec">): Record<string, string> {
  return {
    [labels.preview]: name,
    [labels.repository]: String(spec.repository.id),
    [labels.pullRequest]: String(spec.pullRequest),
  };
}

function adopted(object: KubernetesObject, owner: Owner, withToken: ReadonlySet<string>): KubernetesObject {
  const template = podTemplate(object);
  if (template !== undefined) {
    // Without commit and attempt: they change with every push, and pods whose template does not change need no restart.
    template.holder.metadata = labelled(template.holder.metadata, owner);
    const { spec } = template;
    if (spec.automountServiceAccountToken === undefined) {
      spec.automountServiceAccountToken = withToken.has(
        textOf(spec.serviceAccountName) ?? textOf(spec.serviceAccount) ?? "default",
      );
    }
    // A pod with secrets of its own does not get those of its account.
    if (listOf(spec.imagePullSecrets).length > 0) addPullSecret(spec);
  }
  if (object.apiVersion === "v1" && object.kind === "ServiceAccount") addPullSecret(object);

  const metadata = labelled(object.metadata, owner);
  metadata.annotations = {
    ...mapOf(metadata.annotations),
    [annotations.commit]: owner.commit,
    [annotations.attempt]: String(owner.attempt),
  };
  if (textOf(metadata.namespace) === undefined && !isClusterScoped(object.kind)) metadata.namespace = owner.namespace;
  return asObject({ ...object, metadata });
}

function labelled(metadata: unknown, owner: Owner): Json {
  return { ...mapOf(metadata), labels: { ...mapOf(at(metadata, "labels")), ...ownerLabels(owner.preview) } };
}

function addPullSecret(holder: Json): void {
  const others = listOf(holder.imagePullSecrets).filter((secret) => at(secret, "name") !== pullSecretName);
  holder.imagePullSecrets = [...others, { name: pullSecretName }];
}

/** Accounts whose pods use the API: the chart says so, or it binds a Role to them, which would be pointless otherwise. */
function accountsWithToken(objects: readonly SourcedObject[]): Set<string> {
  const accounts = new Set<string>();
  const silenced = new Set<string>();
  for (const { object } of objects) {
    if (object.kind === "ServiceAccount") {
      if (object.automountServiceAccountToken === true) accounts.add(object.metadata.name);
      if (object.automountServiceAccountToken === false) silenced.add(object.metadata.name);
    }
    if (object.kind === "RoleBinding") {
      for (const subject of listOf(object.subjects).filter(isMap)) {
        const name = textOf(subject.name);
        if (subject.kind === "ServiceAccount" && name !== undefined) accounts.add(name);
      }
    }
  }
  return new Set([...accounts].filter((account) => !silenced.has(account)));
}
