// `node workers/main.ts ROOM[,ROOM…]`: one process of Greenroom, with the rooms it is to run. It stops on SIGTERM or
// SIGINT after handing back what it works on.
import { createLog } from "../src/adapters/log.ts";
import { readSettings, type Settings, SettingsError } from "../src/settings.ts";
import {
  wireCallBudget,
  wireCommandQueue,
  wireHealth,
  wireObeyWorld,
  wirePresses,
  wireKubernetes,
  wireQueue,
  wireRecordCache,
  wireSweeps,
  wireSweepWorld,
  wireWorld,
} from "../src/wire.ts";
import { startCommands } from "./commands.ts";
import { startGateway } from "./gateway.ts";
import { startHealth } from "./health.ts";
import { startIntake } from "./intake.ts";
import { startPullRequests } from "./pull-requests.ts";
import { startSweep } from "./sweep.ts";

const rooms = ["intake", "gateway", "pull-requests", "commands", "sweep"] as const;
type Room = (typeof rooms)[number];

function isRoom(name: string): name is Room {
  return rooms.some((room) => room === name);
}

function settingsOrExit(): Settings {
  try {
    return readSettings(process.env);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(78);
  }
}

async function main(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !isRoom(name));
  if (names.length === 0 || unknown.length > 0) {
    process.stderr.write(`usage: node workers/main.ts ROOM[,ROOM…] with rooms of: ${rooms.join(", ")}\n`);
    process.exit(64);
  }
  const settings = settingsOrExit();
  const log = createLog(settings.GREENROOM_LOG_LEVEL, names.join(","));
  const lifetime = new AbortController();
  const queue = wireQueue(settings, log);
  const commands = wireCommandQueue(settings, log);
  const presses = wirePresses(settings, log);
  const stops: (() => Promise<void>)[] = [];

  if (names.includes("gateway")) stops.push(await startGateway(settings, log, lifetime.signal));
  if (names.includes("intake")) stops.push(await startIntake(settings, queue, { commands, presses }, log));
  if (["pull-requests", "commands", "sweep"].some((room) => names.includes(room))) {
    const api = wireKubernetes(settings);
    const cache = wireRecordCache(settings, api, lifetime.signal);
    const budget = wireCallBudget(settings, log);
    if (names.includes("pull-requests")) {
      const world = await wireWorld(settings, api, cache, queue, budget, log);
      stops.push(await startPullRequests(queue, world, log));
      const { clock } = world;
      stops.push(await startHealth({ health: wireHealth(api), records: cache, queue, clock, log }));
    }
    if (names.includes("commands")) {
      const world = wireObeyWorld(settings, api, cache, queue, budget, log);
      stops.push(await startCommands(commands, presses, world, log));
    }
    if (names.includes("sweep")) {
      const world = wireSweepWorld(settings, api, cache, queue, commands, budget, log);
      stops.push(await startSweep(wireSweeps(settings, log), world, settings.GREENROOM_SWEEP_SECONDS));
    }
  }
  log.info({ rooms: names.join(",") }, "started");

  const signal = await new Promise<string>((resolve) => {
    process.once("SIGTERM", resolve);
    process.once("SIGINT", resolve);
  });
  log.info({ signal }, "stopping");
  await Promise.all(stops.map((stop) => stop()));
  lifetime.abort();
  await Promise.all([queue.close(), commands.close(), presses.close()]);
  // Whatever still holds the process open is not worth waiting for.
  process.exit(0);
}

await main((process.argv[2] ?? "").split(",").filter((name) => name !== ""));
