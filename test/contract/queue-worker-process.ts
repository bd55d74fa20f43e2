import { createBullmqQueue } from "../../src/adapters/bullmq/queue.ts";

/** A worker of its own that never finishes a job; says when it has one. */
const [url = "", prefix = ""] = process.argv.slice(2);
const queue = createBullmqQueue({ url, prefix, onError: () => undefined });
await queue.consume(
  () => {
    process.stdout.write("running\n");
    return new Promise(() => undefined);
  },
  () => false,
);
