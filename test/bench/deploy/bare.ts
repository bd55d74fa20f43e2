// The peer: what somebody who knows git, BuildKit, Helm and kubectl well would write into a pipeline for previews.
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import type { Person } from "../../../infra/local/demo/person.ts";
import type { LabStatus } from "../../../infra/local/lab/status.ts";
import { runCommand } from "../../../infra/local/supply/command.ts";
import { type Service, services } from "./changes.ts";

/** Seconds that the script's parts took; namespace and build run at the same time. */
export const scriptTimes = z.object({
  checkout: z.number(),
  namespace: z.number(),
  build: z.number(),
  helm: z.number(),
});
type ScriptTimes = z.infer<typeof scriptTimes>;

export type Script = {
  /** Text that is in the names of all images it builds, and in no other's. */
  imagesHold: string;
  deploy(namespace: string, commit: string): Promise<ScriptTimes>;
  /** `kubectl delete namespace`, until it is gone. */
  remove(namespace: string): Promise<void>;
  dispose(): Promise<void>;
};

/** Makes the script's clone of the repository, which it keeps warm from one deploy to the next. */
export async function openScript(
  lab: LabStatus,
  who: Person,
  repository: { owner: string; name: string },
  signal: AbortSignal,
): Promise<Script> {
  const directory = await mkdtemp(join(tmpdir(), "greenroom-script-"));
  const run = (command: string, args: string[], more: { env?: NodeJS.ProcessEnv; input?: string } = {}) =>
    runCommand(command, args, { cwd: directory, signal, timeoutSeconds: 300, ...more });
  const git = (...args: string[]) => run("git", args, { env: who.gitEnvironment });
  const kubectl = (args: string[], input?: string) =>
    run(lab.tools.kubectl, ["--kubeconfig", lab.kubeconfig, ...args], input === undefined ? {} : { input });
  const imageOf = (service: Service, commit: string) =>
    `${lab.registry}/script/${repository.name}/${service}:${commit}`;

  await git("clone", "--quiet", `${lab.github.url}/${repository.owner}/${repository.name}.git`, ".");

  /** The namespace, with what its pods need to pull images. */
  const prepareNamespace = async (name: string): Promise<void> => {
    const credentials = await readFile(lab.registryAuthFile);
    const metadata = { namespace: name };
    const pull = { name: "pull" };
    const items = [
      { apiVersion: "v1", kind: "Namespace", metadata: { name } },
      {
        apiVersion: "v1",
        kind: "Secret",
        type: "kubernetes.io/dockerconfigjson",
        metadata: { ...metadata, ...pull },
        data: { ".dockerconfigjson": credentials.toString("base64") },
      },
      {
        apiVersion: "v1",
        kind: "ServiceAccount",
        metadata: { ...metadata, name: "default" },
        imagePullSecrets: [pull],
      },
    ];
    const list = { apiVersion: "v1", kind: "List", items };
    await kubectl(["apply", "--server-side", "--force-conflicts", "--filename", "-"], JSON.stringify(list));
  };

  const checkout = async (commit: string): Promise<void> => {
    await git("fetch", "--quiet", "--depth", "1", "origin", commit);
    await git("checkout", "--quiet", "--force", "--detach", commit);
  };

  const build = async (service: Service, commit: string): Promise<void> => {
    const context = join(directory, "services", service);
    const output = `type=image,name=${imageOf(service, commit)},push=true,oci-mediatypes=true,registry.insecure=true`;
    const folders = ["--local", `context=${context}`, "--local", `dockerfile=${context}`];
    const args = ["--addr", lab.buildkit, "build", "--progress=plain", "--frontend=dockerfile.v0", ...folders];
    await run(lab.tools.buildctl, [...args, "--output", output], {
      env: { ...process.env, DOCKER_CONFIG: dirname(lab.registryAuthFile) },
    });
  };

  const release = async (namespace: string, commit: string): Promise<void> => {
    const images = services.flatMap((service) => ["--set-string", `${service}.image=${imageOf(service, commit)}`]);
    const values = [`pullRequest=1`, `commit=${commit}`, `web.url=http://${namespace}.localhost`];
    const args = [
      ["--kubeconfig", lab.kubeconfig, "upgrade", "--install", "--wait", "--timeout", "180s", "shop", "./chart"],
      ["--namespace", namespace, "--set", "database.durable=false"],
      values.flatMap((value) => ["--set-string", value]),
    ].flat();
    await run(lab.tools.helm, [...args, ...images]);
  };

  return {
    imagesHold: `/script/${repository.name}/`,
    async deploy(namespace, commit) {
      const [prepared, [fetched, built]] = await Promise.all([
        seconds(() => prepareNamespace(namespace)),
        (async () => [
          await seconds(() => checkout(commit)),
          await seconds(() => Promise.all(services.map((service) => build(service, commit)))),
        ])(),
      ]);
      const helm = await seconds(() => release(namespace, commit));
      return { checkout: fetched ?? 0, namespace: prepared, build: built ?? 0, helm };
    },
    async remove(namespace) {
      await kubectl(["delete", "namespace", namespace, "--wait"]);
    },
    dispose: () => rm(directory, { recursive: true, force: true }),
  };
}

async function seconds(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now();
  await work();
  return (performance.now() - started) / 1_000;
}
