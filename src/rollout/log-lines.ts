/** Lines that say what went wrong, in the languages and frameworks that are common. */
const error =
  /\b(\w*(error|exception)|fatal|panic|failed|failure|cannot|could not|refused|denied|not set|not found|missing|required|undefined)\b/i;
/** Part of a trace of calls, which says where and not what; or a summary that says nothing at all. */
const noise =
  /^\s+(at\b|File "|\.\.\.)|^goroutine \d+|^npm (err!|error|notice)|^Node\.js v\d|^\s*[\^~{}[\]();,]*\s*$|^node:internal|^Traceback/i;

/**
 * The one line of a log that says best why a program ended: its last error, else its last line. Undefined where there is
 * no line at all.
 */
export function tellingLine(log: string): string | undefined {
  const lines = log.split("\n").filter((line) => line.trim() !== "" && !noise.test(line));
  // The first line of a thrown error says what happened; what follows it are its details.
  const thrown = lines.findLast((line) => /^(\w+\.)*\w*(Error|Exception|panic)\b.*:/.test(line));
  return (thrown ?? lines.findLast((line) => error.test(line)) ?? lines.at(-1))?.trim();
}

/** An environment variable that the log complains about not having. */
export function unsetVariable(log: string): string | undefined {
  const line = tellingLine(log);
  if (
    line === undefined ||
    !/not set|unset|required|missing|undefined|not defined|must be set|must set|KeyError|no such variable|empty/i.test(
      line,
    )
  ) {
    return undefined;
  }
  return /\b[A-Z][A-Z0-9]*_[A-Z0-9_]*[A-Z0-9]\b/.exec(line)?.[0];
}
