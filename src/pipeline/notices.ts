/** As many notices, and as much of each, as a record may hold. */
export function noticesToKeep(notices: readonly string[]): string[] {
  return notices.slice(0, 20).map((notice) => (notice.length > 500 ? `${notice.slice(0, 499)}…` : notice));
}
