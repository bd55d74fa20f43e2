import { z } from "zod";
import type { CallBudget, CallKind, Caller, Taken, WriteLimits } from "../../ports/call-budget.ts";
import { commandConnection, createStore } from "../bullmq/connection.ts";
import { type Clock, longestCloseMs, lowShare, spans } from "./budget-rules.ts";
import { createLocalBudget } from "./local-budget.ts";

export type SharedBudgetOptions = {
  /** `redis://` or `rediss://` address of Redis or Valkey. */
  url: string;
  limits: WriteLimits;
  /** Part of every key in the store; the braces keep them together in a cluster. */
  prefix?: string;
  /** How long one question to the store may take. */
  deadlineMs?: number;
  /** Milliseconds from anywhere, never backwards. */
  now?: Clock;
  /** Told once when the store is found to be away. */
  onError: (error: Error) => void;
};

/** The budget, with a connection of its own until `disconnect`. */
export type SharedBudget = CallBudget & { disconnect(): void };

/** How long the store is not asked again after it did not answer. */
const restMs = 1_000;

/**
 * Asks for room: KEYS are the mark of who is closed and the list of its last writes; ARGV is `read`, `write` or `look`
 * and then how many writes may leave in a span of so many milliseconds, the longest span last. Only a `write` leaves a
 * trace. Everything goes by the store's own clock.
 */
const askScript = `
local closed = redis.call('PTTL', KEYS[1])
if closed > 0 then return {'closed', closed} end
if ARGV[1] == 'read' then return {'taken', 0} end
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local wait = 0
for at = 2, #ARGV, 2 do
  local span = tonumber(ARGV[at + 1])
  local first = redis.call('LINDEX', KEYS[2], -tonumber(ARGV[at]))
  if first then wait = math.max(wait, math.min(first + span - now, span)) end
end
if wait > 0 then return {'spent', wait} end
if ARGV[1] == 'write' then
  redis.call('RPUSH', KEYS[2], string.format('%.0f', now))
  redis.call('LTRIM', KEYS[2], -tonumber(ARGV[#ARGV - 1]), -1)
  redis.call('PEXPIRE', KEYS[2], ARGV[#ARGV])
end
return {'taken', 0}
`;

/** Closes for ARGV[1] milliseconds, unless it is closed for longer. */
const closeScript = `
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], '', 'PX', ARGV[1]) end
return 0
`;

const answer = z.tuple([z.enum(["taken", "closed", "spent"]), z.int()]);

/**
 * The budget in Redis. Each process remembers as well what it did and was told itself, and goes by that where Redis is
 * away or has lost its memory.
 */
export function createSharedBudget(options: SharedBudgetOptions): SharedBudget {
  const { limits, prefix = "{greenroom}" } = options;
  const own = createLocalBudget(limits, options.now);
  const redis = commandConnection(options.url);
  // What breaks a connection is told by the command that needs it.
  redis.on("error", () => undefined);
  const store = createStore(redis, options.deadlineMs ?? 500);
  let restsUntil = 0;
  let isAway = false;

  /** What the store says, or undefined where it is away. */
  const ask = async (script: string, keys: string[], values: (string | number)[]): Promise<unknown> => {
    if (performance.now() < restsUntil) return undefined;
    try {
      const told = await store.run(() => redis.eval(script, keys.length, ...keys, ...values));
      isAway = false;
      return told;
    } catch (error) {
      restsUntil = performance.now() + restMs;
      if (!isAway) options.onError(error instanceof Error ? error : new Error(String(error)));
      isAway = true;
      return undefined;
    }
  };

  const closedKey = (caller: Caller) => `${prefix}:github:${caller}:closed`;
  const writesKey = (caller: Caller) => `${prefix}:github:${caller}:writes`;

  const room = async (caller: Caller, kind: CallKind | "look", share: number): Promise<Taken | undefined> => {
    const allowed = spans(limits, share).flatMap(({ most, milliseconds }) => [most, milliseconds]);
    const told = await ask(askScript, [closedKey(caller), writesKey(caller)], [kind, ...allowed]);
    if (told === undefined) return undefined;
    const [verdict, wait] = answer.parse(told);
    return verdict === "taken" ? verdict : { refused: verdict, wait };
  };

  return {
    async take(caller, kind) {
      const shared = await room(caller, kind, 1);
      // Whatever leaves by the store's word is counted here as well, for the time when it is away.
      const here = await own.take(caller, shared === undefined || shared === "taken" ? kind : "read");
      if (shared === undefined || (isClosed(here) && !isClosedLonger(shared, here.wait))) return here;
      return shared;
    },
    async isLow(caller) {
      if (await own.isLow(caller)) return true;
      const looked = await room(caller, "look", lowShare);
      return looked !== undefined && looked !== "taken";
    },
    async close(caller, milliseconds) {
      const bounded = Math.ceil(Math.min(milliseconds, longestCloseMs));
      await own.close(caller, bounded);
      if (bounded > 0) await ask(closeScript, [closedKey(caller)], [bounded]);
    },
    disconnect: () => redis.disconnect(),
  };
}

function isClosed(taken: Taken): taken is Exclude<Taken, "taken"> {
  return taken !== "taken" && taken.refused === "closed";
}

function isClosedLonger(taken: Taken, wait: number): boolean {
  return isClosed(taken) && taken.wait > wait;
}
