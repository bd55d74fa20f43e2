/** A command as the README names it. */
export type ReadmeCommand = {
  /** What it is called by: `demo` for `npm run demo`, `test` for `npm test`. */
  name: string;
  program: string;
  args: readonly string[];
};

/** The commands of the README's first shell block, without their comments. */
export function readmeCommands(markdown: string): ReadmeCommand[] {
  const block = /^```sh\n([\s\S]*?)^```/m.exec(markdown)?.[1];
  if (block === undefined) throw new Error("the README has no block of shell commands (```sh)");
  const lines = block.split("\n").map((line) => line.replace(/(^|\s)#.*$/, "").trim());
  const commands = lines.filter((line) => line !== "").map(parse);
  if (commands.length === 0) throw new Error("the README's first shell block has no command");
  return commands;
}

function parse(line: string): ReadmeCommand {
  // Nothing here goes through a shell, so what only a shell understands would be run as something else.
  if (!/^[\w./:=@ -]+$/.test(line)) throw new Error(`the README's command cannot be run without a shell: ${line}`);
  const [program = "", ...args] = line.split(/ +/);
  const name = args.find((arg) => !arg.startsWith("-") && arg !== "run") ?? program;
  return { name, program, args };
}
