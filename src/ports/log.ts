/** Structured lines for the operator. Values never hold tokens or text of unbounded length. */
export type LogFields = Record<string, string | number | boolean | undefined>;

export type Log = {
  debug(fields: LogFields, message: string): void;
  info(fields: LogFields, message: string): void;
  warn(fields: LogFields, message: string): void;
  error(fields: LogFields, message: string, error?: unknown): void;
};
