import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import { connect } from "../database.js";
import { createDoorbell } from "../doorbell.js";
import { shipNext } from "../ship.js";

const skip = process.env.PGHOST === undefined ? "PGHOST names no PostgreSQL" : false;

describe("shipping", { skip }, async () => {
  if (skip) return;
  const schema = `test_${process.pid}`;
  const sql = connect({ connection: { search_path: schema } });
  await sql`create schema ${sql(schema)}`;
  await sql`create table orders (id integer primary key, status text not null default 'placed', shipped_at timestamptz)`;
  await sql`insert into orders (id) values (1), (2)`;
  after(async () => {
    await sql`drop schema ${sql(schema)} cascade`;
    await sql.end();
  });

  test("two workers never pack the same order", async () => {
    const shipped = await Promise.all([shipNext(sql, 50), shipNext(sql, 50)]);
    assert.deepEqual(shipped.sort(), [1, 2]);
    const rows = await sql`select status, shipped_at is not null as dated from orders`;
    assert.deepEqual([...rows], Array(2).fill({ status: "shipped", dated: true }));
  });

  test("there may be nothing to ship", async () => {
    assert.equal(await shipNext(sql, 0), undefined);
  });
});

test("a ring while nobody waits is not lost", async () => {
  const doorbell = createDoorbell();
  doorbell.ring();
  await doorbell.wait(60_000);
  setImmediate(() => doorbell.ring());
  await doorbell.wait(60_000);
});
