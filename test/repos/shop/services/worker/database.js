import postgres from "postgres";

/** A pool of connections to the database that PGHOST, PGDATABASE, PGUSER and PGPASSWORD name; it tries again quickly. */
export function connect(options = {}) {
  return postgres({ max: 5, connect_timeout: 3, backoff: 0.3, onnotice: () => {}, ...options });
}
