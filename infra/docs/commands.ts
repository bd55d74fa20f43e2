import { grammar } from "../../src/policy/command-grammar.ts";
import { rights } from "../../src/policy/may.ts";

const unasked = {
  always: "yes",
  "once approved": "once the commit may run",
  "own branch": "once the commit may run, unless it comes from a fork",
  never: "no",
} as const;
const least = { none: "everyone" } as Readonly<Record<string, string>>;

/** The reference of the commands, from what reads them and what decides who may use them. */
export function commandFiles(): Record<string, string> {
  const rows = Object.values(grammar).map(({ usage, summary }) => `| \`${usage}\` | ${summary} |`);
  const who = Object.entries(rights).map(
    ([name, { least: needed, author }]) => `| \`${name}\` | ${least[needed] ?? needed} | ${unasked[author]} |`,
  );
  const text = [
    "# Commands",
    "",
    "<!-- Generated from src/policy/command-grammar.ts and src/policy/may.ts by `npm run docs`. -->",
    "",
    "A comment on a pull request may hold commands, each on a line of its own; several are done in their order. Eyes under",
    "the comment say that it was seen, a rocket that it is done, and a confused face that nothing of it was done; then an",
    "answer says why. What the preview does about it is told where it always is: in Greenroom's one comment.",
    "",
    "| command | what it does |",
    "| --- | --- |",
    ...rows,
    "",
    "Quotations, code blocks, lists, e-mail signatures and what e-mails quote are not read, and neither are bots. A comment",
    "counts as it was written: what is edited into it more than ten seconds later is not done.",
    "",
    "## Who may do what",
    "",
    "GitHub is asked what whoever wrote the comment may do in the base repository at that moment. `read`, `triage`, `write`,",
    "`maintain` and `admin` each include the ones before; roles of an organization's own count as what they are based on.",
    "The pull request's author may do some of it without that permission. It makes no difference whether the pull request",
    "comes from a fork, except that no commit of a fork runs before it was approved.",
    "",
    "| command | needs | without it, the author |",
    "| --- | --- | --- |",
    ...who,
    "",
    "## Building anew",
    "",
    "An image that was built before from the same content is not built again. `rebuild` does it all the same, once, and",
    "without any cache: of the images named, by their whole name or its last part, or else of all. With `--data` the",
    "preview's namespace is deleted at once and everything in it made anew: its volumes are empty then, generated secrets are",
    "new, and nothing runs until the build is over. A preview that was stopped is not rebuilt; `deploy` brings it back first.",
    "",
    "## Values",
    "",
    "`set` changes what greenroom.yaml declares under [`set`](configuration.md#set), and nothing else. A value is put in place as it",
    'is; nothing in it is replaced or run. Values with blanks are quoted: `/preview set GREETING="Good morning"`. They stay for',
    "the pull request's whole life, through pushes too; one that greenroom.yaml does not declare any more, or not allow, is",
    "left out, and the comment says so. A stopped preview remembers them until `deploy`. Whoever can read the pull request",
    "can read them, so they are no place for secrets.",
    "",
    "## Going back",
    "",
    "`rollback` releases the objects of an earlier revision once more, as Helm's own rollback does: with their images, under",
    "today's rules, and with their rollback hooks only. Data stays as it is, so what a newer commit has migrated stays migrated.",
    "It holds until something is pushed, or somebody writes `deploy`, `rebuild`, `set` or `unset`. Only revisions that were ready can",
    "be gone back to; `status` lists them. Ten are kept, and none from before the preview was removed or rebuilt with `--data`.",
    "",
    "## Approval",
    "",
    "An approval is of one commit, and whatever is pushed afterwards is held again. `/preview approve` with all 40 digits",
    "means that commit. With fewer, or none, it means the newest commit, and only if the comment had already shown it as held",
    "when the approval was written; a push that comes in between is never approved by it.",
    "",
  ].join("\n");
  return { "docs/commands.md": text };
}
