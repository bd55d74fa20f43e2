import { FailureError } from "../../preview/failure.ts";
import { type Preview, previewSpec, previewStatus } from "../../preview/preview.ts";
import { type ApiObject, apiObject } from "./api-object.ts";

/** The cluster's custom resource as a record; an operator's failure where somebody wrote something else into it. */
export function decodeRecord(answer: unknown): Preview {
  const { metadata, spec, status } = apiObject(answer);
  const parsedSpec = previewSpec.safeParse(spec);
  const parsedStatus = previewStatus.safeParse(status ?? {});
  const problem = parsedSpec.error ?? parsedStatus.error;
  if (!parsedSpec.success || !parsedStatus.success) {
    throw new FailureError({
      kind: "operator",
      code: "record-unreadable",
      what: `The record \`${metadata.name}\` does not have the form of this version of Greenroom.`,
      remedy: "Correct the record by hand or delete it; an open pull request gets a new one.",
      evidence: problem?.message ?? "",
    });
  }
  return {
    name: metadata.name,
    uid: metadata.uid ?? "",
    resourceVersion: metadata.resourceVersion,
    createdAt: metadata.creationTimestamp ?? "",
    deleting: metadata.deletionTimestamp !== undefined,
    spec: parsedSpec.data,
    status: parsedStatus.data,
  };
}

/** The record, or nothing where nobody can read it. */
export function readable(object: ApiObject): Preview[] {
  try {
    return [decodeRecord(object)];
  } catch (thrown) {
    if (thrown instanceof FailureError) return [];
    throw thrown;
  }
}
