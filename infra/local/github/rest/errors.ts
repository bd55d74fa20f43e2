import { Refusal } from "../actions/refusal.ts";
import type { Complain } from "../context.ts";

export interface ErrorBody {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

const documentation = "https://docs.github.com/rest";

/** An error in the form the API answers with. What is nobody's refusal is our own mistake: said loudly, and 500. */
export function errorBody(error: unknown, complain: Complain, what: string): ErrorBody {
  if (error instanceof Refusal) {
    const { status, message, errors } = error;
    return {
      status,
      body: {
        message,
        ...(errors === undefined ? {} : { errors }),
        documentation_url: documentation,
        status: String(status),
      },
    };
  }
  const message = error instanceof Error ? error.message : String(error);
  complain(`${what} failed: ${message}`, { stack: error instanceof Error ? error.stack : undefined });
  return { status: 500, body: { message, documentation_url: documentation, status: "500" } };
}
