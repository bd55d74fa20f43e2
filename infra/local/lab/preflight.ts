import { existsSync } from "node:fs";
import { access, constants, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isDebian, missingPackages } from "../supply/debian.ts";
import { goArch } from "../supply/program-key.ts";
import { isBuilt } from "../supply/programs.ts";
import { noToolsFor } from "../supply/tools.ts";
import { isDirty } from "./clean.ts";
import { authority, bridge, type LabEndpoints } from "./endpoints.ts";
import { foreignKubernetes } from "./iptables.ts";
import { interfaceExists } from "./network.ts";
import { isIsolated, packagesFor, programsFor, type Wish } from "./needs.ts";
import type { LabPaths } from "./paths.ts";
import { holderOf, littleEndian } from "./ports.ts";

/** Why this machine cannot run the lab, each with what to do about it; empty when it can. Changes nothing. */
export async function preflight(wish: Wish, paths: LabPaths, endpoints: LabEndpoints): Promise<string[]> {
  const problems: string[] = [];
  if (process.platform !== "linux") return [`The lab needs Linux, and this is ${process.platform}.`];
  const withoutTools = noToolsFor(goArch());
  if (withoutTools !== undefined) problems.push(withoutTools);
  const isRoot = process.getuid?.() === 0;
  if (!isRoot && isIsolated(wish)) {
    const other = wish.foreign ? ", or name a BuildKit of yours with --buildkit" : "";
    problems.push(`The lab makes network interfaces, mounts and control groups: run it as root${other}.`);
  }
  const missing = await missingPackages(packagesFor(wish), new AbortController().signal);
  const osRelease = await readFile("/etc/os-release", "utf8").catch(() => "");
  if (missing.length > 0 && !isDebian(osRelease)) {
    problems.push(`This is not Debian. Install what these Debian packages bring: ${missing.join(", ")}.`);
  }
  if (missing.length > 0 && isDebian(osRelease) && !isRoot) {
    problems.push(`Only root can install packages: run \`apt-get install ${missing.join(" ")}\`, or this as root.`);
  }
  const programs = Object.values(programsFor(wish));
  const built = await Promise.all(programs.map(({ spec }) => isBuilt(spec, paths.cache)));
  if (built.includes(false) && !onPath("go")) {
    const names = programs.filter((_, at) => !built[at]).map(({ spec }) => spec.name);
    problems.push(`Go is not on PATH, and these are compiled with it: ${names.join(", ")}.`);
  }
  if (!isRoot && !(await isWritable(paths.state))) {
    problems.push(`${paths.state} cannot be written: name another state folder in GREENROOM_LAB_STATE.`);
  }
  // The longest socket below it is run/containerd.sock.ttrpc, and a socket's path has at most 107 bytes.
  if (Buffer.byteLength(join(paths.run, "containerd.sock.ttrpc")) > 107) {
    problems.push(`The state folder's path is too long for sockets: choose a shorter GREENROOM_LAB_STATE.`);
  }
  const ours = await isDirty(paths, isIsolated(wish) ? "machine" : "state");
  if (!ours && isIsolated(wish)) problems.push(...(await strangers(wish)), ...(await coveredPorts(endpoints)));
  if (!ours) problems.push(...(await takenPorts(endpoints)));
  return problems;
}

async function strangers({ foreign }: Wish): Promise<string[]> {
  const problems: string[] = [];
  if (!foreign && (await foreignKubernetes())) {
    problems.push("Another Kubernetes has packet-filter chains (KUBE-…) on this machine: stop it first.");
  }
  const routes = await readFile("/proc/net/route", "utf8").catch(() => "");
  const taken = routes.split("\n").find((line) => line.split("\t")[1] === littleEndian(bridge.network));
  if (taken !== undefined && !interfaceExists(bridge.name)) {
    problems.push(`${bridge.subnet} is routed to ${taken.split("\t")[0]}: the lab needs that network.`);
  }
  return problems;
}

/** On the bridge's own address only a program that listens on all addresses can be in the way. */
async function coveredPorts({ registry, mirror, apiServer, etcd }: LabEndpoints): Promise<string[]> {
  const problems: string[] = [];
  const dns = { host: bridge.address, port: 53 };
  const kubelet = { host: bridge.address, port: 10_250 };
  for (const endpoint of [registry, mirror, apiServer, etcd, dns, kubelet]) {
    const holder = await holderOf(endpoint);
    if (holder !== undefined) problems.push(`${holder} listens on port ${endpoint.port} of all addresses: stop it.`);
  }
  return problems;
}

async function takenPorts(endpoints: LabEndpoints): Promise<string[]> {
  const problems: string[] = [];
  const needed = { standIn: "the stand-in GitHub", intake: "webhooks", gateway: "previews", redis: "Redis" } as const;
  for (const name of ["standIn", "intake", "gateway", "redis"] as const) {
    const holder = await holderOf(endpoints[name]);
    if (holder === undefined) continue;
    problems.push(
      `${authority(endpoints[name])}, for ${needed[name]}, is taken by ${holder}: stop it, or move all ports with --port-offset 100.`,
    );
  }
  return problems;
}

/** Whether a folder can be made there, or written into. */
async function isWritable(folder: string): Promise<boolean> {
  for (let at = folder; ; at = dirname(at)) {
    if (existsSync(at)) {
      return access(at, constants.W_OK).then(
        () => true,
        () => false,
      );
    }
  }
}

function onPath(program: string): boolean {
  return (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, program)));
}
