import { setTimeout as pause } from "node:timers/promises";

/**
 * Ships the oldest order that nobody else is packing, and returns its number; undefined if there is none.
 * The row stays locked while it is packed: other workers skip it, and it is free again if this one dies.
 */
export async function shipNext(sql, packingTime) {
  return sql.begin(async (transaction) => {
    const [order] = await transaction`
      select id from orders where status = 'placed' order by id limit 1 for update skip locked`;
    if (order === undefined) return undefined;
    await pause(packingTime);
    await transaction`update orders set status = 'shipped', shipped_at = clock_timestamp() where id = ${order.id}`;
    return order.id;
  });
}
