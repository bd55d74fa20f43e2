import { pino } from "pino";
import { startApp } from "../src/intake/app.ts";
import { createReceive } from "../src/intake/receive.ts";
import { closeServer, createIntakeServer } from "../src/intake/server.ts";
import type { BullmqQueue } from "../src/adapters/bullmq/queue.ts";
import type { Log } from "../src/ports/log.ts";
import type { Presses } from "../src/ports/presses.ts";
import type { Settings } from "../src/settings.ts";
import { listen } from "./listen.ts";

/** Takes GitHub's deliveries until the returned function is called. */
export async function startIntake(
  settings: Settings,
  queue: BullmqQueue,
  asked: { commands: BullmqQueue; presses: Presses },
  log: Log,
): Promise<() => Promise<void>> {
  const secret = settings.GREENROOM_WEBHOOK_SECRET;
  const previous = settings.GREENROOM_WEBHOOK_SECRET_PREVIOUS;
  const dispatch = await startApp(
    queue,
    {
      appId: settings.GREENROOM_GITHUB_APP_ID,
      privateKey: settings.GREENROOM_GITHUB_PRIVATE_KEY,
      secret,
      apiUrl: settings.GREENROOM_GITHUB_API_URL,
      log: pino({ level: settings.GREENROOM_LOG_LEVEL, base: { process: "intake" } }),
    },
    asked,
  );
  const server = createIntakeServer({
    receive: createReceive({ secrets: previous === undefined ? [secret] : [secret, previous], dispatch }),
    isReady: () => queue.isReady(),
    onError: (error) => log.error({}, "a delivery could not be answered", error),
  });
  await listen(server, settings.GREENROOM_INTAKE_LISTEN);
  log.info({ listen: settings.GREENROOM_INTAKE_LISTEN }, "intake listens");
  return () => closeServer(server);
}
