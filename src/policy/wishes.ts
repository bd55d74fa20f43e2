import { revisionsKept, revisionToShow } from "../preview/pinned.ts";
import type { Preview, Rebuild } from "../preview/preview.ts";
import type { SpecChanges } from "../preview/spec-changes.ts";
import { nearest, quote } from "../objects/words.ts";
import { mostDeclared, type Override, overrideProblem, undeclared } from "./declared.ts";
import type { Command } from "./command-grammar.ts";
import { expiryOf, type Lifetime } from "./lifetime.ts";

/** As many images as a record may hold. */
const mostImages = 50;

/** Why it cannot be done now, and what can be done instead: sentences in Markdown. */
export type Impossible = { impossible: string };

/** What a command changes in the record; commands that only ask, and approvals, are answered elsewhere. */
export function wishesOf(
  command: Command,
  preview: Preview,
  /** Names this request among all: once it was begun, it is not begun again. */
  token: string,
  { lifetime, now, head }: { lifetime: Lifetime; now: Date; head: string },
): SpecChanges | Impossible {
  const calledAt = now.toISOString();
  switch (command.name) {
    case "deploy":
      return { want: "running", requested: true, calledAt, redo: { token }, pinned: undefined };
    case "wake":
      return { want: "running", calledAt };
    case "sleep":
      return { want: "asleep" };
    case "stop":
      return { want: "stopped" };
    case "extend": {
      const end = Math.max(now.getTime(), expiryOf(preview, lifetime)?.getTime() ?? 0);
      return { keepUntil: new Date(end + command.hours * 3_600_000).toISOString() };
    }
    case "keep":
      return { keep: true };
    case "rebuild": {
      if (preview.spec.want === "stopped") return { impossible: stoppedFirst("rebuild") };
      const images = imagesToRebuild(command.images, preview);
      if ("impossible" in images) return images;
      const rebuild = mergedRebuild(preview, { token, images: images.names, data: command.data });
      return { want: "running", calledAt, redo: { token }, pinned: undefined, rebuild };
    }
    case "set":
    case "unset": {
      const overrides = command.name === "set" ? withValues(preview, command.values) : without(preview, command.keys);
      if ("impossible" in overrides) return overrides;
      const wanted = { overrides: overrides.all.length === 0 ? undefined : overrides.all, pinned: undefined };
      // What was stopped has them when somebody brings it back.
      return preview.spec.want === "stopped" ? wanted : { ...wanted, want: "running", calledAt, redo: { token } };
    }
    case "rollback": {
      if (preview.spec.want === "stopped") return { impossible: stoppedFirst("rollback") };
      if (preview.status.observedCommit !== head) {
        return { impossible: "a newer commit was pushed, and is deployed now. Once that is done, you can roll back." };
      }
      const found = revisionToShow(preview, command.revision);
      if (found === undefined) return { impossible: noSuchRevision(preview, command.revision) };
      return { want: "running", calledAt, redo: { token }, pinned: { ...found, head } };
    }
    case "help":
    case "status":
    case "logs":
    case "approve":
      return {};
  }
}

/** What was asked to be built anew and was not yet, or undefined. */
export function dueRebuild({ spec, status }: Pick<Preview, "spec" | "status">): Rebuild | undefined {
  return spec.rebuild?.token === status.rebuilt ? undefined : spec.rebuild;
}

/** Nobody's request is lost to another one that comes before it was done. */
function mergedRebuild(preview: Preview, wanted: Rebuild): Rebuild {
  const due = dueRebuild(preview);
  if (due === undefined) return wanted;
  const isEveryImage = due.images.length === 0 || wanted.images.length === 0;
  const images = isEveryImage ? [] : [...new Set([...due.images, ...wanted.images])].slice(0, mostImages);
  const isDataDue = due.data && preview.status.emptied !== due.token;
  return { token: wanted.token, images, data: wanted.data || isDataDue };
}

/** The images' whole names, as far as it is known which there are. */
function imagesToRebuild(words: readonly string[], { status }: Preview): { names: string[] } | Impossible {
  const known = (status.images ?? []).map(({ name }) => name);
  if (known.length === 0) return { names: [...words] };
  const found = words.map((word) => ({ word, names: known.filter((name) => isImageNamed(name, word)) }));
  const unknown = found.find(({ names }) => names.length === 0);
  if (unknown === undefined) return { names: [...new Set(found.flatMap(({ names }) => names))] };
  const [near] = nearest(unknown.word, known, 1);
  const help = near === undefined ? `There are: ${known.map(quote).join(", ")}.` : `Did you mean ${quote(near)}?`;
  return { impossible: `there is no image ${quote(unknown.word)}. ${help}` };
}

/** By its whole name or its last part. */
export function isImageNamed(name: string, word: string): boolean {
  return name === word || name.endsWith(`/${word}`);
}

function stoppedFirst(name: string): string {
  return `this preview is stopped. Write \`/preview deploy\` first, and \`/preview ${name}\` then.`;
}

type NewOverrides = { all: Override[] } | Impossible;

function withValues({ spec, status }: Preview, values: readonly Override[]): NewOverrides {
  const { declared } = status;
  if (declared === undefined) {
    return {
      impossible:
        "it is not known yet which values greenroom.yaml declares. It is as soon as a commit of this pull request was deployed.",
    };
  }
  const [problem] = values.flatMap(({ key, text }) => overrideProblem(declared, key, text) ?? []);
  if (problem !== undefined) return { impossible: problem };
  const all = new Map([...(spec.overrides ?? []), ...values].map((each) => [each.key, each]));
  // What is not declared any more gives way first.
  const isDeclared = ({ key }: Override) => declared.some((each) => each.key === key);
  const ordered = [...all.values()].toSorted((a, b) => Number(isDeclared(b)) - Number(isDeclared(a)));
  return { all: ordered.slice(0, mostDeclared) };
}

function without({ spec, status }: Preview, keys: readonly string[]): NewOverrides {
  const { declared = [] } = status;
  const overrides = spec.overrides ?? [];
  const unknown = keys.find((key) => ![...overrides, ...declared].some((each) => each.key === key));
  if (unknown !== undefined) return { impossible: undeclared(declared, unknown) };
  return { all: overrides.filter(({ key }) => !keys.includes(key)) };
}

function noSuchRevision({ status }: Preview, named: number | undefined): string {
  const known = revisionsKept(status).map(({ revision, commit }) => `${revision} (\`${commit.slice(0, 7)}\`)`);
  const which = known.length === 0 ? "None is kept that was ready." : `Those that were ready are: ${known.join(", ")}.`;
  return `there is no ${named === undefined ? "earlier revision" : `revision ${named}`} to go back to. ${which}`;
}
