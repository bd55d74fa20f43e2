import postgres from "postgres";

/** A pool of connections to the database that PGHOST, PGDATABASE, PGUSER and PGPASSWORD name; it tries again quickly. */
export function connect(options = {}) {
  return postgres({ max: 5, connect_timeout: 3, backoff: 0.3, onnotice: () => {}, ...options });
}

// What a database says, or does not say, while it starts.
const notYet = new Set(["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "CONNECT_TIMEOUT", "CONNECTION_CLOSED", "57P03"]);

/** Whether the error means that the database cannot be reached at the moment. */
export function isUnreachable(error) {
  return notYet.has(error?.code);
}
