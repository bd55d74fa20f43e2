import type { CheckAnnotationRecord, CheckStatus } from "../store/records.ts";
import { invalid, Refusal } from "./refusal.ts";

/** An annotation as an app sends it. */
export type NewAnnotation = Pick<
  CheckAnnotationRecord,
  "path" | "start_line" | "end_line" | "annotation_level" | "message"
> & {
  readonly [name in "start_column" | "end_column"]?: number | undefined;
} & { readonly [name in "title" | "raw_details"]?: string | undefined };

const longestText = 64 * 1024;
const longestTitle = 255;

/** Refuses what GitHub describes beside its schema about how a run ends. */
export function checkConclusion(
  status: CheckStatus,
  conclusion: string | null,
  asked: { readonly conclusion?: string | undefined; readonly completed_at?: string | undefined },
): void {
  if (asked.conclusion === "stale") {
    throw invalid("CheckRun", "conclusion", "conclusion stale is set by GitHub alone");
  }
  if (status === "completed" && conclusion === null) {
    throw new Refusal(422, "Invalid request.\n\nA completed check run needs a conclusion.");
  }
  if (asked.completed_at !== undefined && status !== "completed") {
    throw new Refusal(422, "Invalid request.\n\nOnly a completed check run has completed_at.");
  }
}

/** Refuses an annotation outside of what GitHub describes beside its schema. */
export function checkAnnotation(annotation: NewAnnotation): void {
  const { start_line: start, end_line: end, start_column: from, end_column: to } = annotation;
  if (start < 1 || end < start) refuse("end_line", "end_line must not be before start_line");
  if ((from !== undefined || to !== undefined) && start !== end) {
    refuse("start_column", "columns are for annotations of a single line");
  }
  if (annotation.message === "" || Buffer.byteLength(annotation.message) > longestText) {
    refuse("message", "message is empty or longer than 64 KB");
  }
  if ((annotation.title ?? "").length > longestTitle) refuse("title", `title is longer than ${longestTitle}`);
  if (Buffer.byteLength(annotation.raw_details ?? "") > longestText) {
    refuse("raw_details", "raw_details is longer than 64 KB");
  }
}

function refuse(field: string, reason: string): never {
  throw invalid("CheckRun", `annotations.${field}`, reason);
}
