export type LatestSource<T> = {
  /** A new value; one that nobody has taken yet is replaced. */
  emit(value: T): void;
  /** Ends the iteration, with an error where there is one. */
  end(thrown?: unknown): void;
};

/**
 * An iteration over the newest of values that come at any time. Whoever leaves it is let go at once, also while
 * waiting for the next value, which an async generator would only do after that had come. `start` runs with the first
 * question and returns what stops it.
 */
export function latestOf<T>(start: (source: LatestSource<T>) => () => Promise<void>): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      const state: { newest?: { value: T } | undefined; ended?: { thrown?: unknown } } = {};
      let stop: (() => Promise<void>) | undefined;
      let wake: (() => void) | undefined;
      const source: LatestSource<T> = {
        emit(value) {
          if (state.ended === undefined) state.newest = { value };
          wake?.();
        },
        end(thrown) {
          state.ended ??= thrown === undefined ? {} : { thrown };
          wake?.();
        },
      };
      const leave = async (): Promise<IteratorReturnResult<undefined>> => {
        source.end();
        state.newest = undefined;
        await stop?.();
        return { done: true, value: undefined };
      };
      return {
        async next(): Promise<IteratorResult<T, undefined>> {
          stop ??= start(source);
          while (state.newest === undefined && state.ended === undefined) {
            await new Promise<void>((resolve) => {
              wake = resolve;
            });
          }
          if (state.ended === undefined && state.newest !== undefined) {
            const { value } = state.newest;
            state.newest = undefined;
            return { done: false, value };
          }
          const thrown = state.ended?.thrown;
          const left = await leave();
          if (thrown !== undefined) throw thrown;
          return left;
        },
        return: leave,
      };
    },
  };
}
