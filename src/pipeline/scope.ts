/** Work that runs together: the first failure stops the rest, and nothing is left running when the scope ends. */
export type Scope = {
  signal: AbortSignal;
  /** Starts something at once. Its failure ends the scope whether or not anyone awaits the promise. */
  run<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T>;
};

/** Runs `body` and everything it started through the scope; rejects with the first failure, after all have ended. */
export async function withScope<T>(outer: AbortSignal, body: (scope: Scope) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const signal = AbortSignal.any([outer, controller.signal]);
  const running: Promise<unknown>[] = [];
  let first: { error: unknown } | undefined;
  const fail = (error: unknown) => {
    first ??= { error };
    controller.abort(error);
  };
  const scope: Scope = {
    signal,
    run(work) {
      const promise = work(signal);
      running.push(promise.catch(fail));
      return promise;
    },
  };
  let result: { value: T } | undefined;
  try {
    result = { value: await body(scope) };
  } catch (error) {
    fail(error);
  }
  await Promise.all(running);
  if (first !== undefined) throw first.error;
  if (result === undefined) throw new Error("a scope ended without a result");
  return result.value;
}
