import { WorkerProcess } from "./chaos/worker.ts";
import { commandOf, endService, restartService } from "./chaos/services.ts";

const service = "greenroom-work";

/** A worker with settings of a test's own in the place of the lab's. */
export type OwnWorker = {
  /** Ends it and starts another one, with these settings besides the lab's. */
  restart(settings: Readonly<Record<string, string>>): Promise<void>;
  /** Ends it and starts the lab's own. */
  giveBack(): Promise<void>;
};

export async function ownWorker(settings: Readonly<Record<string, string>>): Promise<OwnWorker> {
  const { args, env } = await commandOf(service);
  await endService(service, "SIGTERM");
  const start = async (more: Readonly<Record<string, string>>) => {
    try {
      return await WorkerProcess.start({ args, env: { ...env, ...more } });
    } catch (error) {
      await restartService(service);
      throw error;
    }
  };
  let worker = await start(settings);
  return {
    async restart(more) {
      await worker.end("SIGTERM");
      worker = await start(more);
    },
    async giveBack() {
      await worker.end("SIGTERM");
      await restartService(service);
    },
  };
}
