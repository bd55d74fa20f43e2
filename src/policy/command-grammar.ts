import { declaredKey, longestKey, longestValue, mostDeclared, type Override } from "./declared.ts";

type Plain = "help" | "deploy" | "stop" | "sleep" | "wake" | "keep" | "status";

/** What people can ask for. Durations are in hours. */
export type Command =
  | { name: Plain }
  | { name: "approve"; commit: string | undefined }
  | { name: "extend"; hours: number }
  | { name: "logs"; service: string | undefined; previous: boolean }
  /** Without images: all of them. `data`: the volumes too. */
  | { name: "rebuild"; images: string[]; data: boolean }
  | { name: "set"; values: Override[] }
  | { name: "unset"; keys: string[] }
  | { name: "rollback"; revision: number | undefined };

export type CommandName = Command["name"];

type Rule = {
  /** How it is written, for people. */
  usage: string;
  /** What it does, in one short sentence. */
  summary: string;
  /** The command, or what is wrong with its words. */
  read(words: readonly string[]): Command | string;
};

/** Longest that a preview can be kept by one command: 30 days. */
const mostHours = 30 * 24;

const serviceName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const imageName = /^[a-z0-9]+([._/-]+[a-z0-9]+)*$/;
const longestImageName = 100;
const mostImages = 20;
const commit = /^[0-9a-f]{7,40}$/;
const hoursPer: Readonly<Record<string, number>> = { m: 1 / 60, h: 1, d: 24, w: 7 * 24 };

/** Every command, in the order in which `help` lists them. */
export const grammar: Readonly<Record<CommandName, Rule>> = {
  help: alone("help", "Lists the commands."),
  deploy: alone("deploy", "Deploys the newest commit, also after it has failed, was stopped or has expired."),
  rebuild: {
    usage: "/preview rebuild [IMAGE…] [--data]",
    summary:
      "Builds the images named, or all, anew and without cache, and deploys; with `--data` everything else is made anew too, with empty volumes.",
    read(words) {
      const { names, flags, unknown } = sort(words, ["--data"]);
      if (unknown !== undefined) return `\`${unknown}\` is not an option of rebuild`;
      const images = [...new Set(names.map((name) => name.toLowerCase()))];
      if (images.length > mostImages) return `rebuild takes at most ${mostImages} images`;
      const wrong = images.find((name) => name.length > longestImageName || !imageName.test(name));
      if (wrong !== undefined) return `\`${wrong}\` cannot be the name of an image`;
      return { name: "rebuild", images, data: flags.has("--data") };
    },
  },
  approve: {
    usage: "/preview approve [COMMIT]",
    summary: "Lets a fork's or stranger's commit run: the one named, or the one shown as held.",
    read([first, ...more]) {
      if (more.length > 0) return "approve takes one commit";
      const sha = first?.toLowerCase();
      if (sha !== undefined && !commit.test(sha)) return `\`${first}\` is not a commit: 7 to 40 hexadecimal digits are`;
      return { name: "approve", commit: sha };
    },
  },
  stop: alone("stop", "Takes the preview away, and keeps it away until `deploy`."),
  sleep: alone("sleep", "Scales the preview to nothing; its data stays, and a visit or `wake` brings it back."),
  wake: alone("wake", "Brings a sleeping preview back."),
  extend: {
    usage: "/preview extend [24h]",
    summary: "Keeps the preview at least so much longer, however idle it is: `90m`, `24h`, `3d`, `1w`.",
    read([first = "24h", ...more]) {
      if (more.length > 0) return "extend takes one duration";
      const [, count, unit = ""] = /^(\d{1,5})([mhdw])$/i.exec(first) ?? [];
      const hours = Number(count) * (hoursPer[unit.toLowerCase()] ?? 0);
      if (count === undefined || hours === 0) return `\`${first}\` is not a duration such as \`24h\` or \`3d\``;
      if (hours > mostHours) return `a preview can be kept for at most ${mostHours / 24} days at once`;
      return { name: "extend", hours };
    },
  },
  keep: alone("keep", "Keeps the preview until the pull request is closed, however idle it is."),
  rollback: {
    usage: "/preview rollback [REVISION]",
    summary:
      "Shows an earlier revision again, until the next push or `deploy`: the one named, or the last that was ready.",
    read([first, ...more]) {
      if (more.length > 0) return "rollback takes one revision";
      if (first !== undefined && !/^[1-9]\d{0,8}$/.test(first)) return `\`${first}\` is not the number of a revision`;
      return { name: "rollback", revision: first === undefined ? undefined : Number(first) };
    },
  },
  set: {
    usage: "/preview set KEY=VALUE…",
    summary: "Deploys with other values, as far as greenroom.yaml declares them under `set`; they stay until `unset`.",
    read(words) {
      if (words.length === 0) return "set takes at least one KEY=VALUE";
      if (words.length > mostDeclared) return `set takes at most ${mostDeclared} values`;
      const bare = words.find((word) => !word.includes("="));
      if (bare !== undefined) return `\`${bare}\` has no \`=\``;
      const values = words.map((word) => {
        const end = word.indexOf("=");
        return { key: word.slice(0, end), text: word.slice(end + 1) };
      });
      const wrong = values.find(({ key }) => !isKey(key));
      if (wrong !== undefined) return `\`${wrong.key}\` cannot be the key of a value`;
      const long = values.find(({ text }) => text.length > longestValue);
      if (long !== undefined) return `the value of \`${long.key}\` has more than ${longestValue} characters`;
      return { name: "set", values };
    },
  },
  unset: {
    usage: "/preview unset KEY…",
    summary: "Deploys with the value that greenroom.yaml gives.",
    read(words) {
      if (words.length === 0) return "unset takes at least one KEY";
      if (words.length > mostDeclared) return `unset takes at most ${mostDeclared} keys`;
      const wrong = words.find((word) => !isKey(word));
      if (wrong !== undefined) return `\`${wrong}\` cannot be the key of a value`;
      return { name: "unset", keys: [...words] };
    },
  },
  logs: {
    usage: "/preview logs [SERVICE] [--previous]",
    summary: "Shows the last lines of a service, or of what ran before its last restart.",
    read(words) {
      const { names, flags, unknown } = sort(words, ["--previous"]);
      if (unknown !== undefined) return `\`${unknown}\` is not an option of logs`;
      const [service, ...more] = names;
      if (more.length > 0) return "logs takes one service";
      if (service !== undefined && !serviceName.test(service)) return `\`${service}\` cannot be the name of a service`;
      return { name: "logs", service, previous: flags.has("--previous") };
    },
  },
  status: alone("status", "Says how the preview is, pod by pod."),
};

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(grammar, name);
}

function isKey(word: string): boolean {
  return word.length <= longestKey && declaredKey.test(word);
}

function alone(name: Plain, summary: string): Rule {
  return {
    usage: `/preview ${name}`,
    summary,
    read: (words) => (words.length === 0 ? { name } : `${name} takes nothing after it`),
  };
}

/** Telephones make one long dash of two hyphens. */
function sort(words: readonly string[], known: readonly string[]) {
  const plain = words.map((word) => word.replace(/^[—–]/, "--"));
  const [options, names] = [
    plain.filter((word) => word.startsWith("-")),
    plain.filter((word) => !word.startsWith("-")),
  ];
  const flags = new Set(options.map((option) => option.toLowerCase()));
  return { names, flags, unknown: options.find((option) => !known.includes(option.toLowerCase())) };
}
