/** Does `work` for every item, at most so many at once, and yields what each answered in the order of the items. */
export async function* inParallel<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  most: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for await (const item of items) {
    const one = work(item);
    // Whoever stops listening early leaves the rest to itself.
    one.catch(() => undefined);
    running.push(one);
    const first = running.length >= most ? running.shift() : undefined;
    if (first !== undefined) yield await first;
  }
  for (const one of running) yield await one;
}
