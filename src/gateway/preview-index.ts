import type { Preview } from "../preview/preview.ts";

/** The records by name, in memory, so that a request waits for nobody. */
export type PreviewIndex = { find(name: string): Preview | undefined };

export type RecordSource = {
  list(): Promise<Preview[]>;
  /** Calls back after every change, until the returned function is called. */
  subscribe(listener: () => void): () => void;
};

/** A change is taken over at once, and those that follow it closely are taken over together. */
const pauseMs = 50;

/** Resolves once the records are known; the index then follows them until `lifetime` ends. */
export async function followPreviews(
  source: RecordSource,
  lifetime: AbortSignal,
  onError: (error: unknown) => void,
): Promise<PreviewIndex> {
  let byName = new Map<string, Preview>();
  const take = async () => {
    const previews = await source.list();
    byName = new Map(previews.map((preview) => [preview.name, preview]));
  };
  let timer: NodeJS.Timeout | undefined;
  let waiting = false;
  const takeThenPause = (): void => {
    waiting = false;
    take().catch(onError);
    timer = setTimeout(() => {
      timer = undefined;
      if (waiting) takeThenPause();
    }, pauseMs);
  };
  const unsubscribe = source.subscribe(() => {
    waiting = true;
    if (timer === undefined) takeThenPause();
  });
  lifetime.addEventListener(
    "abort",
    () => {
      unsubscribe();
      clearTimeout(timer);
    },
    { once: true },
  );
  await take();
  return { find: (name) => byName.get(name) };
}
