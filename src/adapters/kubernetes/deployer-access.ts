import { chmod, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeployerAccess } from "../../ports/cluster.ts";
import { tokenKubeconfig } from "./account-token.ts";
import { isNotFound } from "./api-error.ts";
import type { KubernetesApi } from "./api.ts";

type Token = { token: string; expiresAt: Date };

/** The kubeconfig in a folder of its own, written anew well before its token ends. */
export async function writeAccess(
  api: KubernetesApi,
  user: string,
  namespace: string,
  first: Token,
  renew: () => Promise<Token>,
): Promise<DeployerAccess> {
  const folder = await mkdtemp(join(tmpdir(), "greenroom-deployer-"));
  await chmod(folder, 0o700);
  const kubeconfig = join(folder, "kubeconfig");
  let timer: NodeJS.Timeout | undefined;
  let disposed = false;

  const write = async ({ token, expiresAt }: Token) => {
    if (disposed) return;
    const next = `${kubeconfig}.next`;
    await writeFile(next, tokenKubeconfig(api.cluster, namespace, user, token), { mode: 0o600 });
    await rename(next, kubeconfig);
    const delay = Math.max((expiresAt.getTime() - Date.now()) * 0.7, 1_000);
    schedule(delay);
  };
  const schedule = (delay: number) => {
    if (disposed) return;
    timer = setTimeout(() => {
      renew()
        .then(write)
        .catch((thrown: unknown) => {
          // Without its account the attempt is over; anything else may pass.
          if (!isNotFound(thrown)) schedule(30_000);
        });
    }, delay);
    timer.unref();
  };

  await write(first);
  return {
    user,
    kubeconfig,
    async dispose() {
      disposed = true;
      clearTimeout(timer);
      await rm(folder, { recursive: true, force: true });
    },
  };
}
