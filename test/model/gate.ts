import type { Process } from "./process.ts";
import type { Turn, Turns } from "./turns.ts";

/** What becomes of a process or its call when its turn has come. */
export type Fate = "goes on" | "crashes" | "is stopped" | { fails: Error };

export type Gatekeeper = { turns: Turns; fate(turn: Turn): Fate };

/** Calls that ask nothing of the world: they answer from what the process knows itself. */
const immediate = new Set(["registry.repository"]);
/** What the fakes have besides their ports, for tests. */
const beside = new Set(["registry.push", "records.deleteByHand", "records.visit"]);
/** Calls that answer with a stream. */
const streams = new Set(["cluster.observe", "installations.openPullRequests"]);

type Method = (...args: unknown[]) => unknown;

/** The names of a port's calls at which a process can be stopped: `port.method`. */
export function callsOf(name: string, port: object): string[] {
  return Object.entries(port)
    .filter(([, value]) => typeof value === "function")
    .map(([method]) => `${name}.${method}`)
    .filter((call) => !immediate.has(call) && !beside.has(call));
}

/** A port as one process reaches it: every call waits for its turn twice, before it takes effect and after. */
export function gate<T extends object>(name: string, port: T, process: Process, keeper: Gatekeeper): T {
  const gated = Object.entries(port).map(([method, value]) => {
    const call = `${name}.${method}`;
    if (typeof value !== "function" || immediate.has(call)) return [method, value];
    const inner: Method = (...args) => Reflect.apply(value, port, args);
    return [
      method,
      streams.has(call) ? gateStream(call, inner, process, keeper) : gateCall(call, inner, process, keeper),
    ];
  });
  return Object.fromEntries(gated);
}

function gateCall(call: string, inner: Method, process: Process, keeper: Gatekeeper): Method {
  return async (...args) => {
    await pass({ process, call, moment: "before" }, keeper);
    const [outcome] = await keeper.turns.inside(process, () =>
      Promise.allSettled([(async () => await inner(...args))()]),
    );
    if (outcome.status === "fulfilled") await pass({ process, call, moment: "after" }, keeper);
    else await keeper.turns.take({ process, call, moment: "after" });
    if (outcome.status === "rejected") throw outcome.reason;
    return tracked(outcome.value, process, keeper);
  };
}

/** Written by hand: whoever leaves an async generator has to wait for the value that it waits for itself. */
function gateStream(call: string, inner: Method, process: Process, keeper: Gatekeeper): Method {
  return (...args) => ({
    [Symbol.asyncIterator](): AsyncIterator<unknown> {
      let iterator: AsyncIterator<unknown> | undefined;
      let left = false;
      const leave = async (): Promise<IteratorResult<unknown>> => {
        left = true;
        await iterator?.return?.();
        return { done: true, value: undefined };
      };
      const next = async (): Promise<IteratorResult<unknown>> => {
        if (iterator === undefined) {
          await pass({ process, call, moment: "before" }, keeper);
          const stream = inner(...args);
          if (!isStream(stream)) throw new Error(`${call} is no stream`);
          iterator = stream[Symbol.asyncIterator]();
        }
        const result = await iterator.next();
        if (!left) await pass({ process, call, moment: "after" }, keeper);
        return result;
      };
      return {
        next: () =>
          next().catch(async (error: unknown) => {
            await leave();
            throw error;
          }),
        return: leave,
      };
    },
  });
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && Symbol.asyncIterator in value;
}

async function pass(turn: Turn, keeper: Gatekeeper): Promise<void> {
  for (;;) {
    await keeper.turns.take(turn);
    const fate = keeper.fate(turn);
    if (fate === "goes on") return;
    if (fate === "crashes") return await new Promise(() => undefined);
    if (fate !== "is stopped") throw fate.fails;
  }
}

/** What a call answered with may work by itself later, such as a checkout whose files are read. */
function tracked(value: unknown, process: Process, { turns }: Gatekeeper): unknown {
  if (typeof value !== "object" || value === null) return value;
  const methods = Object.entries(value).filter(([, each]) => typeof each === "function");
  if (methods.length === 0) return value;
  const follow = ([name, method]: [string, Method]) => [
    name,
    async (...args: unknown[]) => {
      await process.awake();
      return await turns.inside(process, async () => await Reflect.apply(method, value, args));
    },
  ];
  return { ...value, ...Object.fromEntries(methods.map(follow)) };
}
