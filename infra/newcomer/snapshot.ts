import { execFile } from "node:child_process";
import { readdir, readFile, readlink } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { labProcesses } from "../local/lab/cgroup.ts";
import { marker, type Places } from "./environment.ts";
import { chainsAndRules, interfacesIn, mountPoints } from "./system-text.ts";

const run = promisify(execFile);

/** What a program can leave on a machine, by kind; each thing as a line that stays the same while it exists. */
export type Snapshot = {
  processes: readonly string[];
  mounts: readonly string[];
  "network namespaces": readonly string[];
  interfaces: readonly string[];
  "packet-filter chains and rules": readonly string[];
  "control groups": readonly string[];
  files: readonly string[];
};

/** Looks at the machine. Processes are only a newcomer's own: others come and go. */
export async function takeSnapshot(places: Places, mark: string): Promise<Snapshot> {
  const [processes, mounts, namespaces, devices, chains, groups, files] = await Promise.all([
    newcomersProcesses(places, mark),
    readFile("/proc/self/mountinfo", "utf8").then(mountPoints),
    networkNamespaces(),
    readFile("/proc/net/dev", "utf8").then(interfacesIn),
    packetFilter(),
    controlGroups(),
    filesOutside(places),
  ]);
  return {
    processes: processes.map(({ pid, command }) => `${pid} ${command}`),
    mounts,
    "network namespaces": namespaces,
    interfaces: devices,
    "packet-filter chains and rules": chains,
    "control groups": groups,
    files,
  };
}

export type FoundProcess = {
  pid: number;
  command: string;
  /** Started by a newcomer's command beyond doubt: what only names a path may be somebody who looks at it. */
  isMarked: boolean;
};

/** Processes that a newcomer's commands started, by their environment, their paths, or the lab's control group. */
export async function newcomersProcesses(places: Places, mark: string): Promise<FoundProcess[]> {
  const labs = new Set(await ownLabProcesses(places));
  const found: FoundProcess[] = [];
  for (const pid of await pids()) {
    const read = (file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
    const [environment, command] = await Promise.all([read("environ"), read("cmdline")]);
    const isMarked = environment.split("\0").includes(`${marker}=${mark}`);
    const isBelow = command.split("\0").some((argument) => argument.includes(`${places.folder}/`));
    if (isMarked || isBelow || labs.has(pid)) {
      found.push({ pid, command: command.replaceAll("\0", " ").trim(), isMarked });
    }
  }
  return found.filter(({ pid }) => pid !== process.pid);
}

/** The lab's control group is the machine's; only a lab whose processes name this state folder is the newcomer's. */
async function ownLabProcesses(places: Places): Promise<number[]> {
  const all = await labProcesses();
  const texts = await Promise.all(all.map((pid) => readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")));
  return texts.some((text) => text.includes(places.labState)) ? all : [];
}

async function pids(): Promise<number[]> {
  return (await readdir("/proc")).map(Number).filter((pid) => Number.isInteger(pid));
}

async function networkNamespaces(): Promise<string[]> {
  const links = (await pids()).map((pid) => readlink(`/proc/${pid}/ns/net`).catch(() => ""));
  const named = await readdir("/run/netns").catch(() => []);
  return [...new Set([...(await Promise.all(links)), ...named.map((name) => `/run/netns/${name}`)])].filter(Boolean);
}

async function packetFilter(): Promise<string[]> {
  const families = ["iptables", "ip6tables"].map(async (family) => {
    // Not installed: then there are no rules that it could have made.
    const saved = await run(`${family}-save`, []).catch(() => ({ stdout: "" }));
    return chainsAndRules(saved.stdout).map((line) => `${family} ${line}`);
  });
  return (await Promise.all(families)).flat();
}

/** Two levels: one below each controller of version 1, and two with version 2. */
async function controlGroups(): Promise<string[]> {
  const first = await foldersIn("/sys/fs/cgroup");
  return [...first, ...(await Promise.all(first.map(foldersIn))).flat()];
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
}

/** Where programs put things that they forget; what is deeper below has a new entry here, too, or belongs to it. */
const watched = [
  ["/", "/etc", "/etc/cni", "/opt", "/srv", "/run", "/tmp", "/dev/shm", "/var/tmp", "/var/lib", "/var/cache"],
  ["/var/log", "/usr/local", "/usr/local/bin", "/usr/local/lib", "/usr/local/share"],
  ["", ".cache", ".config", ".local", ".local/share", ".npm", "go", "go/pkg"].map((name) => join(homedir(), name)),
].flat();

async function filesOutside(places: Places): Promise<string[]> {
  const lists = watched.map(async (folder) =>
    (await readdir(folder).catch(() => [])).map((name) => join(folder, name)),
  );
  const outside = (await Promise.all(lists)).flat().filter((path) => path !== places.folder);
  const forgotten = (await readdir(places.temporary).catch(() => [])).map((name) => join(places.temporary, name));
  const state = (await readdir(places.labState).catch(() => [])).map((name) => join(places.labState, name));
  return [...outside, ...forgotten, ...state];
}

/** Names of the Debian packages on this machine; empty where it is no Debian. */
export async function installedPackages(): Promise<string[]> {
  const query = await run("dpkg-query", ["--show", "--showformat", "${Package}\\n"]).catch(() => ({ stdout: "" }));
  return query.stdout.split("\n").filter((name) => name !== "");
}

/** Of some files those that no Debian package brought. */
export async function withoutPackaged(paths: readonly string[]): Promise<string[]> {
  const owned = await Promise.all(
    paths.map((path) =>
      run("dpkg-query", ["--search", path]).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, index) => owned[index] !== true);
}
