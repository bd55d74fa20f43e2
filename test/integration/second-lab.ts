import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { readdir, readFile, readlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { labPaths } from "../../infra/local/lab/paths.ts";
import { retryUntil } from "../../infra/local/lab/readiness.ts";

const entry = join(import.meta.dirname, "../../infra/local/lab/main.ts");

export type Outcome = { readonly code: number; readonly output: string };

/**
 * A lab beside the one the other tests use: in a network namespace of its own, with the same base images, and with the
 * same compiled programs unless it is to get its own.
 */
export class SecondLab {
  readonly state: string;
  readonly #folder: string;
  readonly #namespace: ChildProcess;

  private constructor(folder: string, namespace: ChildProcess) {
    this.#folder = folder;
    this.#namespace = namespace;
    this.state = join(folder, "state");
  }

  static async open(share: readonly ("bin" | "mirror")[] = ["bin", "mirror"]): Promise<SecondLab> {
    const folder = mkdtempSync(join(tmpdir(), "lab-"));
    const { cache } = labPaths();
    mkdirSync(join(folder, "cache"));
    for (const shared of share) symlinkSync(join(cache, shared), join(folder, "cache", shared));
    const namespace = spawn("unshare", ["--net", "sleep", "infinity"], { stdio: "ignore" });
    await once(namespace, "spawn");
    const own = await readlink("/proc/self/ns/net");
    await retryUntil(
      async () => {
        // unshare has the machine's namespace until it has made its own.
        if ((await readlink(`/proc/${namespace.pid}/ns/net`)) === own) throw new Error("no namespace yet");
      },
      { seconds: 10 },
    );
    const lab = new SecondLab(folder, namespace);
    await lab.inside("ip", ["link", "set", "lo", "up"]);
    return lab;
  }

  run(args: string[]): Promise<Outcome> {
    return this.runWith({}, this.state, args);
  }

  /** Runs `lab …` with more in its environment and another state folder. */
  runWith(env: NodeJS.ProcessEnv, state: string, args: string[]): Promise<Outcome> {
    return this.inside(process.execPath, [entry, ...args], { ...this.#environment(state), ...env });
  }

  /** Starts `lab …` and answers once its output holds a text. */
  async start(args: string[], until: string): Promise<ChildProcess> {
    const command = [`--net=/proc/${this.#namespace.pid}/ns/net`, "--", process.execPath, entry, ...args];
    const child = spawn("nsenter", command, { env: this.#environment(this.state), stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    await new Promise<void>((resolve, reject) => {
      for (const stream of [child.stdout, child.stderr]) {
        stream.setEncoding("utf8").on("data", (text: string) => {
          output += text;
          if (output.includes(until)) resolve();
        });
      }
      child.once("exit", (code) => reject(new Error(`ended with ${code}:\n${output}`)));
    });
    return child;
  }

  /** Starts a program in the lab's network namespace. */
  spawnInside(command: string, args: readonly string[]): ChildProcess {
    return spawn("nsenter", [`--net=/proc/${this.#namespace.pid}/ns/net`, "--", command, ...args], { stdio: "ignore" });
  }

  /** What the lab has in its cache. */
  cached(...path: string[]): string {
    return join(this.#folder, "cache", ...path);
  }

  /** Runs a program to its end in the lab's network namespace. */
  async inside(command: string, args: string[], env: NodeJS.ProcessEnv = process.env): Promise<Outcome> {
    const whole = [`--net=/proc/${this.#namespace.pid}/ns/net`, "--", command, ...args];
    const child = spawn("nsenter", whole, { env, stdio: ["ignore", "pipe", "pipe"], timeout: 120_000 });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text: string) => {
        output += text;
      });
    }
    const code = await new Promise<number>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit) => resolve(exit ?? -1));
    });
    return { code, output };
  }

  kubectl(args: string[]): Promise<Outcome> {
    const kubeconfig = join(this.state, "kubernetes", "admin.conf");
    return this.inside(join(this.state, "bin", "kubectl"), ["--kubeconfig", kubeconfig, ...args]);
  }

  /** Pid of the lab's own process. */
  async pid(): Promise<number> {
    const { output } = await this.run(["status"]);
    return Number(/pid (\d+)/.exec(output)?.[1]);
  }

  /** Everything of this lab that is still on the machine. */
  async remains(): Promise<string[]> {
    const found: string[] = [];
    for (const pid of await readdir("/proc")) {
      if (!/^\d+$/.test(pid) || Number(pid) === this.#namespace.pid) continue;
      const about = await Promise.all(
        ["cmdline", "mountinfo"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")),
      );
      if (about.some((text) => text.includes(this.state))) found.push(`process ${pid}: ${about[0]}`);
    }
    const links = await this.inside("ip", ["-oneline", "link"]);
    found.push(...links.output.split("\n").filter((line) => line !== "" && !/^\d+: lo:/.test(line)));
    for (const family of ["iptables-save", "ip6tables-save"]) {
      const { output } = await this.inside(family, []);
      found.push(...output.split("\n").filter((line) => /KUBE-|GREENROOM-|CNI-/.test(line)));
    }
    const namespace = /\d+/.exec((await this.inside("readlink", ["/proc/self/ns/net"])).output)?.[0];
    const groups = (await readdir("/sys/fs/cgroup")).map((name) => join(name, `greenroom-lab-${namespace}`));
    found.push(...[`greenroom-lab-${namespace}`, ...groups].filter((name) => existsSync(join("/sys/fs/cgroup", name))));
    if (existsSync(this.state)) found.push(this.state);
    return found;
  }

  async close(): Promise<void> {
    await this.run(["down"]);
    this.#namespace.kill("SIGKILL");
    await once(this.#namespace, "exit");
    rmSync(this.#folder, { recursive: true, force: true });
  }

  #environment(state: string): NodeJS.ProcessEnv {
    return { ...process.env, GREENROOM_LAB_STATE: state, GREENROOM_CACHE: join(this.#folder, "cache") };
  }
}
