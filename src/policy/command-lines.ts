/** A line of a comment that begins with our command, as its author wrote it. */
export type CommandLine = { text: string; line: number };

/** What begins a command; nothing else may follow at once, so that `/previews` and `/preview/x` are not ours. */
const command = /^ {0,3}\/preview(?=\s|$)/i;

const fence = /^ {0,3}(`{3,}|~{3,})/;

/**
 * Where the message that an e-mail answers begins: mail programs put it below the answer, and not all of them quote it.
 * GitHub turns e-mails into comments as they are.
 */
const oldMessage = [
  /^\s*-{2,}\s*(original message|forwarded message|ursprüngliche nachricht)\s*-{2,}\s*$/i,
  /^\s*_{20,}\s*$/,
  /^\s*On .{5,200} wrote:\s*$/,
  /^\s*Am .{5,200} schrieb .{1,200}:\s*$/,
  /^\s*Le .{5,200} a écrit\s*:\s*$/,
  /^\s*(From|Von|De)\s*: .+[@<]/,
  /^\s*Reply to this email directly\b/i,
];

/** Two hyphens and a space on a line of their own begin a signature (RFC 3676, 4.3). */
const signature = /^-- $/;

/**
 * The lines that are commands: not those in code blocks, quotes, HTML comments, lists or the middle of a sentence, nor
 * anything below an e-mail's signature or the message that it answers.
 */
export function commandLines(body: string): CommandLine[] {
  const found: CommandLine[] = [];
  let inFence: string | undefined;
  let inHtmlComment = false;
  for (const [index, text] of body.split(/\r\n|\r|\n/).entries()) {
    if (inHtmlComment) {
      inHtmlComment = !text.includes("-->");
      continue;
    }
    const mark = fence.exec(text)?.[1];
    if (inFence !== undefined) {
      // As in CommonMark: closed by at least as many of the same character, with nothing after them.
      if (mark?.startsWith(inFence) && text.trim() === mark) inFence = undefined;
      continue;
    }
    if (mark !== undefined) {
      inFence = mark;
      continue;
    }
    if (signature.test(text) || oldMessage.some((start) => start.test(text))) break;
    inHtmlComment = /<!--(?!.*-->)/.test(text);
    if (command.test(text)) found.push({ text: text.trim(), line: index + 1 });
  }
  return found;
}
