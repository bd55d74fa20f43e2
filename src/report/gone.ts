import { commentMarker } from "./comment.ts";

const headline = "**Preview** · removed";

/** The comment of a pull request of which there is no record that could tell more. */
export function goneComment(repositoryId: number, number: number): string {
  const text = "Nothing of this pull request's preview is left.";
  return `${commentMarker(repositoryId, number)}\n\n${headline}\n\n${text}\n`;
}

/** Whether a comment of ours says that there is no preview. */
export function saysGone(body: string): boolean {
  return body.split("\n").includes(headline);
}
