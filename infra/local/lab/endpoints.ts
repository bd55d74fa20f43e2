import { join } from "node:path";
import type { LabPaths } from "./paths.ts";

/** The address of the lab's own bridge: the cluster lives on it, independent of the machine's network card. */
export const bridge = {
  name: "greenroom0",
  address: "10.244.0.1",
  prefix: 24,
  network: "10.244.0.0",
  subnet: "10.244.0.0/24",
} as const;

/** Addresses of Services. */
export const serviceSubnet = "10.245.0.0/16";

/** `*.localhost` is this machine for every browser and for curl, without any name server. */
export const baseDomain = "preview.localhost";

export type Endpoint = { readonly host: string; readonly port: number };

/** Where each part of the lab listens. Only what is on loopback can meet someone else's port, so only that moves. */
export type LabEndpoints = {
  readonly standIn: Endpoint;
  readonly intake: Endpoint;
  readonly gateway: Endpoint;
  readonly redis: Endpoint;
  /** Greenroom's images, with credentials. */
  readonly registry: Endpoint;
  /** docker.io's images, read-only and anonymous, from the same storage. */
  readonly mirror: Endpoint;
  readonly apiServer: Endpoint;
  readonly etcd: Endpoint;
  /** As buildctl's --addr wants it. */
  readonly buildkit: string;
};

function onBridge(port: number): Endpoint {
  return { host: bridge.address, port };
}

/** Where the lab listens; the loopback ports are moved by `offset`. */
export function labEndpoints(paths: LabPaths, offset = 0): LabEndpoints {
  const local = (port: number): Endpoint => ({ host: "127.0.0.1", port: port + offset });
  return {
    standIn: local(4000),
    intake: local(4001),
    gateway: local(8080),
    redis: local(6399),
    registry: onBridge(5000),
    mirror: onBridge(5001),
    apiServer: onBridge(6443),
    etcd: onBridge(2379),
    buildkit: `unix://${join(paths.run, "buildkitd.sock")}`,
  };
}

/** `host:port`. */
export function authority(endpoint: Endpoint): string {
  return `${endpoint.host}:${endpoint.port}`;
}
