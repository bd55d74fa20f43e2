import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

const folder = join(import.meta.dirname, "migrations");
// Any number will do, as long as everybody who migrates this database takes the same.
const lock = 5_304_121;

async function migrationNames() {
  return (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
}

/**
 * Brings the schema up to date and returns the names of the migrations it applied. All or nothing, and one at a time:
 * whoever comes second waits and then finds nothing left to do.
 */
export async function migrate(sql) {
  return sql.begin(async (transaction) => {
    await transaction`select pg_advisory_xact_lock(${lock})`;
    await transaction`create table if not exists migrations (name text primary key, applied_at timestamptz not null default now())`;
    const applied = [];
    for (const name of await pending(transaction)) {
      await transaction.unsafe(await readFile(join(folder, name), "utf8"));
      await transaction`insert into migrations (name) values (${name})`;
      applied.push(name);
    }
    return applied;
  });
}

/** The migrations this version of the code needs and the database has not seen. */
export async function pending(sql) {
  const names = await migrationNames();
  const [table] = await sql`select to_regclass('migrations') is not null as exists`;
  if (!table.exists) return names;
  const rows = await sql`select name from migrations`;
  const known = new Set(rows.map((row) => row.name));
  return names.filter((name) => !known.has(name));
}
