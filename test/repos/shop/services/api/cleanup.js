// Forgets orders that were shipped KEEP_DAYS ago.
import { connect } from "./database.js";

const days = Number(process.env.KEEP_DAYS ?? 30);
const sql = connect({ max: 1 });
const { count } = await sql`delete from orders where status = 'shipped' and shipped_at < now() - make_interval(days => ${days})`;
console.log(`Forgot ${count} orders shipped more than ${days} days ago.`);
await sql.end();
