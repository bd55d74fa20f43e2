import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { runCommand } from "./command.ts";
import { type AptSetup, type OwnAuthority, suite } from "./machine.ts";

/** What no image needs: documentation, and languages. Licences stay. */
const dpkgSettings = [
  "force-unsafe-io",
  "path-exclude /usr/share/doc/*",
  "path-include /usr/share/doc/*/copyright",
  "path-exclude /usr/share/man/*",
  "path-exclude /usr/share/info/*",
  "path-exclude /usr/share/lintian/*",
  "path-exclude /usr/share/locale/*",
  "",
].join("\n");

/** apt in an image keeps no archives, no translations, and its lists compressed. */
const aptSettings = [
  'Acquire::Languages "none";',
  'Acquire::GzipIndexes "true";',
  'Apt::AutoRemove::SuggestsImportant "false";',
  'APT::Keep-Downloaded-Packages "false";',
  'Dir::Cache::pkgcache "";',
  'Dir::Cache::srcpkgcache "";',
];

/** No service is started while an image is built. */
const policy = "#!/bin/sh\nexit 101\n";

function sources(apt: AptSetup): string {
  const keyring = "Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg";
  const block = (uri: string, suites: string): string =>
    ["Types: deb", `URIs: ${uri}`, `Suites: ${suites}`, "Components: main", keyring, ""].join("\n");
  return `${block(apt.archive, `${suite} ${suite}-updates`)}\n${block(apt.security, `${suite}-security`)}`;
}

async function put(root: string, path: string, content: string, mode = 0o644): Promise<void> {
  await mkdir(join(root, path, ".."), { recursive: true });
  await writeFile(join(root, path), content, { mode });
}

/** Make a small Debian as a tar file, by debootstrap; `workDir` is left as it was. */
export async function makeDebian(options: {
  readonly tar: string;
  readonly workDir: string;
  readonly apt: AptSetup;
  readonly authority: OwnAuthority | null;
  readonly onLine: (line: string) => void;
  readonly signal: AbortSignal;
}): Promise<void> {
  const root = join(options.workDir, "root");
  const run = { signal: options.signal, timeoutSeconds: 900, onLine: options.onLine };
  // A mount namespace of its own: what debootstrap mounts ends with it, even when it is killed.
  const apart = (args: readonly string[]): Promise<unknown> => runCommand("unshare", ["--mount", "--", ...args], run);
  try {
    await apart(["debootstrap", "--foreign", "--variant=minbase", suite, root, options.apt.archive]);
    await put(root, "etc/dpkg/dpkg.cfg.d/slim", dpkgSettings);
    await put(root, "usr/sbin/policy-rc.d", policy, 0o755);
    await apart(["chroot", root, "/debootstrap/debootstrap", "--second-stage"]);

    await rm(join(root, "etc/apt/sources.list"), { force: true });
    await put(root, "etc/apt/sources.list.d/debian.sources", sources(options.apt));
    await put(root, "etc/apt/apt.conf.d/90slim", `${[...aptSettings, ...options.apt.settings].join("\n")}\n`);
    if (options.authority !== null) await addAuthority(root, options.authority);
    for (const left of ["etc/hostname", "etc/resolv.conf", "var/log/bootstrap.log", "var/log/dpkg.log"]) {
      await rm(join(root, left), { force: true });
    }
    for (const emptied of ["var/lib/apt/lists", "var/cache/apt", "debootstrap"]) {
      await rm(join(root, emptied), { recursive: true, force: true });
    }
    const empty = ["./dev/*", "./proc/*", "./sys/*"].map((pattern) => `--exclude=${pattern}`);
    const content = ["--numeric-owner", "--sort=name", ...empty, "-C", root, "-cf", options.tar, "."];
    await runCommand("tar", content, run);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

async function addAuthority(root: string, authority: OwnAuthority): Promise<void> {
  const local = join(root, "usr/local/share/ca-certificates");
  await mkdir(local, { recursive: true });
  // update-ca-certificates, should an image install it, finds them here.
  for (const file of authority.certificates) await copyFile(file, join(local, basename(file)));
  await mkdir(join(root, "etc/ssl/certs"), { recursive: true });
  await copyFile(authority.bundle, join(root, "etc/ssl/certs/ca-certificates.crt"));
}
