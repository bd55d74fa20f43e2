import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { runCommand } from "./command.ts";

/** How this machine gets Debian packages, for images that are made on it. */
export type AptSetup = {
  /** Mirror of each suite the images use. */
  readonly archive: string;
  readonly security: string;
  /** Settings without which apt does not get through here: proxies, and checks that a frozen mirror needs off. */
  readonly settings: readonly string[];
};

/** Where the images' packages come from unless this machine says otherwise. */
export const suite = "bookworm";
const publicArchive = "http://deb.debian.org/debian/";
const publicSecurity = "http://deb.debian.org/debian-security/";

/** Lines of `apt-config dump` that matter for getting through. */
export function networkSettings(dump: string): string[] {
  return dump
    .split("\n")
    .filter((line) =>
      /^Acquire::(?:https?(?:::[^ ]*)?::Proxy|Check-Valid-Until|Check-Date|Max-ValidTime) "/i.test(line),
    )
    .filter((line) => !line.endsWith(' "";'));
}

/** Mirrors of a suite and of its security updates, from `uri|release` lines. */
export function mirrorsOf(lines: readonly string[], release: string): { archive: string; security: string } {
  const of = (wanted: string): string | undefined =>
    lines.map((line) => line.split("|")).find(([, name]) => name === wanted)?.[0];
  return { archive: of(release) ?? publicArchive, security: of(`${release}-security`) ?? publicSecurity };
}

/** This machine's way to Debian's packages. */
export async function aptSetup(signal: AbortSignal): Promise<AptSetup> {
  const run = { signal, timeoutSeconds: 30 };
  const targets = await runCommand("apt-get", ["indextargets", "--format", "$(REPO_URI)|$(RELEASE)"], run);
  const dump = await runCommand("apt-config", ["dump"], run);
  return { ...mirrorsOf(targets.stdout.split("\n"), suite), settings: networkSettings(dump.stdout) };
}

/** Certificate authorities of this machine's own, where its way out re-signs https. */
export type OwnAuthority = {
  readonly bundle: string;
  readonly certificates: readonly string[];
  readonly digest: string;
};

const localCertificates = "/usr/local/share/ca-certificates";
const systemBundle = "/etc/ssl/certs/ca-certificates.crt";

/** The machine's own authorities, or null on a machine that has none. */
export async function ownAuthority(env: NodeJS.ProcessEnv): Promise<OwnAuthority | null> {
  const names = existsSync(localCertificates) ? await readdir(localCertificates) : [];
  const certificates = names.filter((name) => name.endsWith(".crt")).map((name) => join(localCertificates, name));
  const named = env["NODE_EXTRA_CA_CERTS"] ?? "";
  if (certificates.length === 0 && named === "") return null;
  const bundle = named !== "" && existsSync(named) ? named : systemBundle;
  if (!existsSync(bundle)) return null;
  const digest = createHash("sha256")
    .update(await readFile(bundle))
    .digest("hex");
  return { bundle, certificates, digest };
}
