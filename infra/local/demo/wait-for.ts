/** Asks again and again until there is an answer; for things that send no event to the one who waits. */
export async function waitFor<T>(
  what: string,
  seconds: number,
  ask: () => Promise<T | undefined>,
  everyMilliseconds = 100,
): Promise<T> {
  const deadline = performance.now() + seconds * 1_000;
  let last: unknown;
  for (;;) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      throw new Error(`${what} did not happen within ${seconds} s`, last === undefined ? {} : { cause: last });
    }
    await new Promise((resolve) => setTimeout(resolve, everyMilliseconds));
  }
}
