import { nearest } from "../objects/words.ts";
import { type Command, grammar, isCommandName } from "./command-grammar.ts";
import { commandLines } from "./command-lines.ts";
import { splitWords } from "./command-words.ts";

/** A line that was meant for us and cannot be done. */
export type Mistake = {
  /** Line of the comment, counted from 1, and what it says (bounded). */
  line: number;
  said: string;
  /** What is wrong with it: one sentence in Markdown, whose quotations are not yet escaped. */
  problem: string;
  /** What was probably meant, or how the command is written. */
  suggestion: string | undefined;
};

/** What a comment asks of us. A comment with one mistake in it does nothing, so that nobody gets half of what they meant. */
export type ParsedComment =
  | { for: "us"; commands: Command[] }
  | { for: "us"; mistake: Mistake }
  | { for: "somebody else" };

/** More is not a conversation. */
const mostCommands = 10;
const saidLength = 100;

/**
 * Reads the commands in a comment. Total: every text is a list of commands, a mistake, or nothing to do with us.
 * `/preview` alone asks for help. Names of commands may be in any case, as telephones write them.
 */
export function parseComment(body: string): ParsedComment {
  const lines = commandLines(body);
  if (lines.length === 0) return { for: "somebody else" };
  const commands: Command[] = [];
  for (const { text, line } of lines) {
    const parsed = parseLine(text);
    if ("problem" in parsed) return { for: "us", mistake: { line, said: shorten(text), ...parsed } };
    commands.push(parsed);
  }
  if (commands.length > mostCommands) {
    const [extra] = lines.slice(mostCommands);
    return {
      for: "us",
      mistake: {
        line: extra?.line ?? 1,
        said: shorten(extra?.text ?? ""),
        problem: `one comment may have at most ${mostCommands} commands; this one has ${commands.length}`,
        suggestion: undefined,
      },
    };
  }
  return { for: "us", commands };
}

function parseLine(text: string): Command | Pick<Mistake, "problem" | "suggestion"> {
  const split = splitWords(text);
  if (!split.ok) return { problem: split.problem, suggestion: undefined };
  const [, name = "help", ...words] = split.words;
  const wanted = name.toLowerCase();
  if (!isCommandName(wanted)) {
    const [near] = nearest(wanted, Object.keys(grammar), 1);
    return {
      problem: `there is no command \`${shorten(name)}\``,
      suggestion: near === undefined ? "/preview help" : ["/preview", near, ...words].join(" ").slice(0, saidLength),
    };
  }
  const rule = grammar[wanted];
  const result = rule.read(words);
  return typeof result === "string" ? { problem: result, suggestion: rule.usage } : result;
}

function shorten(text: string): string {
  return text.length <= saidLength ? text : `${text.slice(0, saidLength - 1)}…`;
}
