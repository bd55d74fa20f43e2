import { after } from "node:test";
import { connect } from "../database.js";

/** Why the tests that need a database are skipped, if they are: they want an empty PostgreSQL named by PGHOST. */
export const skip = process.env.PGHOST === undefined ? "PGHOST names no PostgreSQL" : false;

/** Connections to a schema of this test's own. */
export async function freshSchema() {
  const name = `test_${process.pid}`;
  const sql = connect({ connection: { search_path: name } });
  await sql`drop schema if exists ${sql(name)} cascade`;
  await sql`create schema ${sql(name)}`;
  after(async () => {
    await sql`drop schema ${sql(name)} cascade`;
    await sql.end();
  });
  return sql;
}
