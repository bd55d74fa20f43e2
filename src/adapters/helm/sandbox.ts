/** How programs that read a pull request's files are kept from everything else; an operator's setting. */
export type SandboxKind = "bwrap" | "none";

/** A file or folder of ours that the program may see, and where it sees it. */
export type Mount = { host: string; inside: string; writable?: boolean };

export type SandboxLimits = { memoryBytes: number; cpuSeconds: number; fileBytes: number };

export type SandboxedProgram = {
  program: string;
  args: readonly string[];
  env: Record<string, string>;
  mounts: readonly Mount[];
  limits: SandboxLimits;
};

/** Where the program finds a mounted path. */
export function seenAs(kind: SandboxKind, mount: Mount): string {
  return kind === "none" ? mount.host : mount.inside;
}

/** Read by programs that reach the API server by name or with a public certificate; all optional, none secret. */
const systemFiles = ["/etc/ssl", "/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf"];

function bind({ host, inside, writable }: Mount): string[] {
  return [writable === true ? "--bind" : "--ro-bind", host, inside];
}

function bubblewrap({ program, args, env, mounts }: SandboxedProgram): string[] {
  return [
    // The API server has to be reached, so the network stays; everything else is the sandbox's own.
    ["bwrap", "--unshare-user", "--unshare-all", "--share-net", "--disable-userns", "--cap-drop", "ALL"],
    ["--uid", "65534", "--gid", "65534", "--die-with-parent", "--new-session", "--clearenv"],
    ["--ro-bind", "/usr/lib", "/usr/lib", "--ro-bind-try", "/usr/lib64", "/usr/lib64"],
    ["--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64"],
    ["--ro-bind", "/usr/bin/dd", "/usr/bin/dd", "--ro-bind", program, "/usr/bin/program"],
    systemFiles.flatMap((path) => ["--ro-bind-try", path, path]),
    ["--dev", "/dev", "--size", String(16 * 1024 * 1024), "--tmpfs", "/tmp"],
    mounts.flatMap(bind),
    ["--remount-ro", "/", "--chdir", "/tmp"],
    Object.entries({ ...env, PATH: "/usr/bin", HOME: "/tmp" }).flatMap(([name, value]) => ["--setenv", name, value]),
    ["--", "/usr/bin/program", ...args],
  ].flat();
}

/** The command that runs a program within its limits and, with `bwrap`, without sight of anything but its mounts. */
export function sandboxed(kind: SandboxKind, what: SandboxedProgram): { command: string; args: string[] } {
  const { memoryBytes, cpuSeconds, fileBytes } = what.limits;
  const limits = [`--data=${memoryBytes}`, `--cpu=${cpuSeconds}`, `--fsize=${fileBytes}`, "--core=0"];
  const inner = kind === "none" ? [what.program, ...what.args] : bubblewrap(what);
  return { command: "prlimit", args: [...limits, "--", ...inner] };
}
