import { FailureError } from "../../src/preview/failure.ts";
import type { Fate } from "./gate.ts";
import type { Turn } from "./turns.ts";

/** What the pipeline depends on and what may be away for a while. */
export const systems = ["GitHub", "Kubernetes", "the registry", "BuildKit", "the queue"] as const;
export type System = (typeof systems)[number];

const portsOf: Record<System, readonly string[]> = {
  GitHub: ["pullRequests", "conversation", "checkouts", "installations", "deliveries"],
  Kubernetes: ["records", "cluster", "releases", "ledger", "leftovers"],
  "the registry": ["registry"],
  BuildKit: ["builder"],
  "the queue": ["queue"],
};

export function systemOf(call: string): System {
  const [port = ""] = call.split(".");
  const found = systems.find((system) => portsOf[system].includes(port));
  if (found === undefined) throw new Error(`nobody answers for the port ${port}`);
  return found;
}

/** One stroke of bad luck at the next call of a name. */
export type Fault = { call: string; moment: Turn["moment"]; does: "fail" | "crash" | "stop" };

function unavailable(system: System, retryAfterSeconds?: number): FailureError {
  return new FailureError({
    kind: "transient",
    code: "unavailable",
    what: `${system} does not answer.`,
    remedy: "It is tried again by itself.",
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}

export type Faults = {
  arm(fault: Fault): void;
  /** While it is out, every call of a system fails. */
  setOut(system: System, out: boolean): void;
  /** All trouble is over. */
  end(): void;
  fate(turn: Turn): Fate;
};

/** `struck` is told of every fault that hits. */
export function createFaults(struck: (fault: Fault, turn: Turn) => void): Faults {
  let armed: Fault[] = [];
  const out = new Set<System>();
  return {
    arm: (fault) => {
      armed.push(fault);
    },
    setOut: (system, isOut) => {
      if (isOut) out.add(system);
      else out.delete(system);
    },
    end: () => {
      armed = [];
      out.clear();
    },
    fate(turn) {
      const { call, moment } = turn;
      const system = systemOf(call);
      if (moment === "before" && out.has(system)) return { fails: unavailable(system) };
      const hit = armed.find((fault) => fault.call === call && fault.moment === moment);
      if (hit === undefined) return "goes on";
      armed = armed.filter((fault) => fault !== hit);
      struck(hit, turn);
      if (hit.does === "crash") return "crashes";
      if (hit.does === "stop") return "is stopped";
      // What GitHub refuses because it was asked too often has not taken effect, and says how long to wait.
      const limited = system === "GitHub" && moment === "before" && call.length % 2 === 0;
      return { fails: limited ? unavailable(system, 60) : unavailable(system) };
    },
  };
}
