import { type Failure, FailureError } from "../../src/preview/failure.ts";

/** The failure that a promise is rejected with; anything else is an error. */
export async function failureOf(promise: Promise<unknown>): Promise<Failure> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FailureError)) throw new Error("expected a FailureError", { cause: error });
  return error.failure;
}
