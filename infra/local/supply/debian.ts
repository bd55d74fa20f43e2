import { access, chmod, copyFile, constants, readFile, rename, rm, writeFile } from "node:fs/promises";
import { runCommand } from "./command.ts";
import { readIfThere } from "./files.ts";
import type { StepReport } from "./board-writer.ts";

/** Debian packages, each with the reason it is there. */
export const labPackages: Readonly<Record<string, string>> = {
  containerd: "runs the pods",
  runc: "runs containers and build steps",
  "containernetworking-plugins": "network of pods and build steps",
  iptables: "Services and the rules of build steps",
  conntrack: "kube-proxy",
  socat: "port forwarding",
  "redis-server": "the queue",
  "docker-registry": "the registry and the mirror of base images",
  debootstrap: "the base images",
  bubblewrap: "rendering charts out of reach of everything else",
  iproute2: "bridges",
  git: "checkouts and the stand-in's repositories",
  "ca-certificates": "https",
};

/** Packages only the page tests need. */
export const pageTestPackages: Readonly<Record<string, string>> = { chromium: "page tests" };

/** The machine cannot get what the lab needs from Debian. */
export class PackagesMissing extends Error {
  readonly packages: readonly string[];

  constructor(packages: readonly string[], why: string) {
    super(`${why} Missing: ${packages.join(" ")}.`);
    this.name = "PackagesMissing";
    this.packages = packages;
  }
}

/** Whether this is Debian or made from it, by its os-release. */
export function isDebian(osRelease: string): boolean {
  return /^ID(?:_LIKE)?=.*\bdebian\b/m.test(osRelease);
}

/** Of the wanted packages those that dpkg-query does not report as installed. */
export function missingOf(wanted: readonly string[], dpkgOutput: string): string[] {
  const installed = new Set(
    dpkgOutput.split("\n").flatMap((line) => {
      const [status, name] = line.split(" ");
      return status === "ii" && name !== undefined ? [name] : [];
    }),
  );
  return wanted.filter((name) => !installed.has(name));
}

/** Which of these packages are not installed; all of them where there is no dpkg. */
export async function missingPackages(wanted: readonly string[], signal: AbortSignal): Promise<string[]> {
  try {
    const format = "--showformat=${db:Status-Abbrev}${Package}\n";
    const { stdout } = await runCommand("dpkg-query", ["--show", format], { signal, timeoutSeconds: 30 });
    return missingOf(wanted, stdout);
  } catch (error) {
    if (signal.aborted) throw error;
    return [...wanted];
  }
}

/** What apt says an installation will fetch and take, such as "12.3 MB" and "45.6 MB". */
export type AptEstimate = { readonly download: string; readonly disk: string };

/** The estimate in the output of a simulated installation; null where apt names none. */
export function parseEstimate(output: string): AptEstimate | null {
  const download = /Need to get (?:[\d.,]+ [kMG]?B\/)?([\d.,]+ [kMG]?B) of archives/.exec(output)?.[1];
  const disk = /After this operation, ([\d.,]+ [kMG]?B) of additional disk space/.exec(output)?.[1];
  return download === undefined || disk === undefined ? null : { download, disk };
}

/** Ask apt what an installation would take, without changing anything; null where its lists are too old to tell. */
export async function estimate(packages: readonly string[], signal: AbortSignal): Promise<AptEstimate | null> {
  // Apt asks nothing where exactly the named packages are installed, so --assume-no would install them.
  const args = ["install", "--print-uris", "--yes", "--no-install-recommends", ...packages];
  const env = { ...process.env, LC_ALL: "C" };
  let output = "";
  const onLine = (line: string): void => {
    output += `${line}\n`;
  };
  // Whoever may not lock apt's folders gets no answer.
  await runCommand("apt-get", args, { signal, env, timeoutSeconds: 60, onLine }).catch(() => undefined);
  signal.throwIfAborted();
  return parseEstimate(output);
}

const policyFile = "/usr/sbin/policy-rc.d";
const policyBackup = `${policyFile}.before-greenroom`;
const policy = "#!/bin/sh\n# Greenroom's lab installs packages: none of their services is to start.\nexit 101\n";

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  );
}

/** Put back what a finished or interrupted installation replaced. */
async function restorePolicy(): Promise<void> {
  if (await exists(policyBackup)) await rename(policyBackup, policyFile);
  else if ((await readIfThere(policyFile)) === policy) await rm(policyFile);
}

async function withoutStartingServices<T>(work: () => Promise<T>): Promise<T> {
  await restorePolicy();
  if (await exists(policyFile)) await copyFile(policyFile, policyBackup, constants.COPYFILE_EXCL);
  await writeFile(policyFile, policy);
  await chmod(policyFile, 0o755);
  try {
    return await work();
  } finally {
    await restorePolicy();
  }
}

/** Install what is missing, all at once, starting none of the services; throws PackagesMissing where that cannot be. */
export async function installPackages(
  wanted: readonly string[],
  options: { readonly report: StepReport; readonly signal: AbortSignal },
): Promise<void> {
  const missing = await missingPackages(wanted, options.signal);
  if (missing.length === 0) {
    options.report.cached();
    return;
  }
  const osRelease = await readFile("/etc/os-release", "utf8").catch(() => "");
  if (!isDebian(osRelease)) {
    throw new PackagesMissing(missing, "This is not Debian: install the programs of these packages yourself.");
  }
  if (process.getuid?.() !== 0) throw new PackagesMissing(missing, "Only root can install packages.");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  const onLine = (line: string): void => options.report.detail(line);
  const run = { env, signal: options.signal, timeoutSeconds: 900, onLine };
  const patient = ["-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=3"];
  await withoutStartingServices(async () => {
    await runCommand("apt-get", [...patient, "update"], run);
    await runCommand("apt-get", [...patient, "install", "-y", "--no-install-recommends", ...missing], run);
  });
  const still = await missingPackages(wanted, options.signal);
  if (still.length > 0) throw new PackagesMissing(still, "apt-get did not install everything.");
}
