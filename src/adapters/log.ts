import { destination, pino } from "pino";
import type { Log } from "../ports/log.ts";

/** JSON lines on standard output. */
export function createLog(level: "debug" | "info" | "warn" | "error", process: string): Log {
  const logger = pino({ level, base: { process }, timestamp: pino.stdTimeFunctions.isoTime }, destination(1));
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message, error) => logger.error(error === undefined ? fields : { ...fields, err: error }, message),
  };
}
