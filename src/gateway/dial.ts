import type { Duplex } from "node:stream";
import { type Socket, connect } from "node:net";
import { once } from "node:events";
import { Agent, type buildConnector } from "undici";
import type { PodAddress } from "../ports/endpoints.ts";

/** How pods are reached where their addresses lead nowhere: a connection to one pod's port. */
export type Tunnel = (pod: PodAddress) => Promise<Duplex>;

/** Connections to pods: a pool for requests, single ones for upgrades. */
export type Dialer = {
  agent: Agent;
  originOf(pod: PodAddress): string;
  open(pod: PodAddress): Promise<Duplex>;
  close(): Promise<void>;
};

export type DialOptions = {
  /** Undefined: by the pod's own address. */
  tunnel?: Tunnel;
  connectMs?: number;
  /** How long a pod may take before it begins to answer. */
  firstByteMs?: number;
};

export function createDialer(options: DialOptions = {}): Dialer {
  const { tunnel, connectMs = 3_000, firstByteMs = 120_000 } = options;
  const agent = new Agent({
    connect: tunnel === undefined ? { timeout: connectMs } : through(tunnel),
    headersTimeout: firstByteMs,
    // A stream may be silent for as long as it likes.
    bodyTimeout: 0,
    keepAliveTimeout: 4_000,
    keepAliveMaxTimeout: 60_000,
  });
  return {
    agent,
    originOf:
      tunnel === undefined
        ? ({ ip, port }) => `http://${ip.includes(":") ? `[${ip}]` : ip}:${port}`
        : ({ pod, namespace, port }) => `http://${pod}.${namespace}:${port}`,
    open: tunnel ?? ((pod) => openDirectly(pod, connectMs)),
    close: () => agent.destroy(),
  };
}

async function openDirectly({ ip, port }: PodAddress, connectMs: number): Promise<Duplex> {
  const socket = connect({ host: ip, port, noDelay: true, keepAlive: true });
  try {
    await once(socket, "connect", { signal: AbortSignal.timeout(connectMs) });
  } catch (error) {
    socket.destroy();
    throw error;
  }
  return socket;
}

/** The pool knows hosts, not pods: a pod's host is its name and its namespace, which has no dot. */
function through(tunnel: Tunnel): buildConnector.connector {
  const open = async (hostname: string, port: number, done: buildConnector.Callback) => {
    const dot = hostname.lastIndexOf(".");
    let stream: Duplex;
    try {
      stream = await tunnel({ ip: "", port, namespace: hostname.slice(dot + 1), pod: hostname.slice(0, dot) });
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)), null);
      return;
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- undici asks of a socket no more than a stream has
    done(null, stream as Duplex & Socket);
  };
  return ({ hostname, port }, callback) => void open(hostname, Number(port), callback);
}
