// Brings the schema up to date, waiting for the database as long as it takes, or as --give-way-after=SECONDS allows.
import { setTimeout as pause } from "node:timers/promises";
import { parseArgs } from "node:util";
import { connect, isUnreachable } from "./database.js";
import { migrate } from "./schema.js";

const { values } = parseArgs({ options: { "give-way-after": { type: "string" } } });
const patience = Number(values["give-way-after"] ?? Infinity) * 1000;
if (process.env.PGHOST === undefined && Number.isFinite(patience)) {
  console.log("No database is configured yet; leaving the schema to the pods that start next.");
  process.exit(0);
}
const started = Date.now();
const sql = connect({ max: 1 });

for (let waiting = false; ; waiting = true) {
  try {
    const applied = await migrate(sql);
    console.log(applied.length === 0 ? "The schema is up to date." : `Applied ${applied.join(", ")}.`);
    break;
  } catch (error) {
    if (!isUnreachable(error)) {
      console.error(`Error: the migration failed: ${error.message}`);
      process.exitCode = 1;
      break;
    }
    if (Date.now() - started > patience) {
      console.log("The database does not answer; leaving the schema to the pods that start next.");
      break;
    }
    if (!waiting) console.log(`Waiting for the database at ${process.env.PGHOST} (${error.code}).`);
    await pause(250);
  }
}
await sql.end({ timeout: 2 });
