import { type Duplex, duplexPair } from "node:stream";
import { type KubeConfig, PortForward } from "@kubernetes/client-node";
import type { PodAddress } from "../../ports/endpoints.ts";

/**
 * Connects to pods through the API server, for clusters whose pod network cannot be reached from here. Needs the
 * permission `pods/portforward`.
 */
export function createPortForward(config: KubeConfig): (pod: PodAddress) => Promise<Duplex> {
  const forwarder = new PortForward(config);
  return async ({ namespace, pod, port }) => {
    const [ours, theirs] = duplexPair();
    const tunnel = await forwarder.portForward(namespace, pod, [port], theirs, null, theirs);
    const socket = typeof tunnel === "function" ? tunnel() : tunnel;
    if (socket === null) throw new Error(`no connection to pod ${namespace}/${pod}`);
    socket.addEventListener("close", () => theirs.end());
    socket.addEventListener("error", () => ours.destroy(new Error(`the connection to ${namespace}/${pod} broke`)));
    ours.once("close", () => socket.close());
    return ours;
  };
}
