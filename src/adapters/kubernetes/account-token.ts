import { at, text } from "./api-object.ts";
import type { KubernetesApi } from "./api.ts";
import { pathOf, resources } from "./resources.ts";

/** What the API server gives no token below. */
const shortestSeconds = 600;

/** A token of a service account, from the TokenRequest API; it ends by itself and with its account. */
export async function accountToken(
  api: KubernetesApi,
  namespace: string,
  account: string,
  seconds: number,
  signal: AbortSignal,
): Promise<{ token: string; expiresAt: Date }> {
  const answer = await api.json({
    method: "POST",
    path: `${pathOf(resources.ServiceAccount, namespace, account)}/token`,
    body: {
      apiVersion: "authentication.k8s.io/v1",
      kind: "TokenRequest",
      spec: { expirationSeconds: Math.max(seconds, shortestSeconds) },
    },
    signal,
  });
  return {
    token: text(at(answer, "status", "token")),
    expiresAt: new Date(text(at(answer, "status", "expirationTimestamp"))),
  };
}

/** A kubeconfig (JSON is YAML) that holds one token and one default namespace, and nothing else. */
export function tokenKubeconfig(
  cluster: KubernetesApi["cluster"],
  namespace: string,
  user: string,
  token: string,
): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "cluster",
        cluster: {
          server: cluster.server,
          ...(cluster.certificateAuthority === undefined
            ? {}
            : { "certificate-authority-data": cluster.certificateAuthority }),
          ...(cluster.tlsServerName === undefined ? {} : { "tls-server-name": cluster.tlsServerName }),
        },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: "preview", context: { cluster: "cluster", user, namespace } }],
    "current-context": "preview",
  });
}
