const longestQuote = 120;

/** Text of a pull request as a code span in one of our sentences: one line, bounded, without backticks. */
export function quote(text: string): string {
  const line = text.replace(/\s+/g, " ").replaceAll("`", "'").trim();
  return `\`${line.length > longestQuote ? `${line.slice(0, longestQuote - 1)}…` : line === "" ? "(empty)" : line}\``;
}

/** `a`, `a and b`, `a, b and c`; after so many, `a, b and 5 more`. */
export function enumerate(words: readonly string[], most = 5): string {
  const shown = words.length > most ? [...words.slice(0, most), `${words.length - most} more`] : words;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

/** `1 image`, `2 images`. */
export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/** Those candidates that a person may have meant, the nearest first. */
export function nearest(word: string, candidates: readonly string[], most = 3): string[] {
  const wanted = word.toLowerCase();
  return [...new Set(candidates)]
    .map((candidate) => ({ candidate, distance: distanceOf(wanted, candidate.toLowerCase()) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(wanted.length / 3)))
    .toSorted((a, b) => a.distance - b.distance || a.candidate.localeCompare(b.candidate, "en"))
    .slice(0, most)
    .map(({ candidate }) => candidate);
}

/** Edits (insert, delete, replace) between two words; 1 where one is a whole word of the other, as in `shop-web` and `web`. */
function distanceOf(a: string, b: string): number {
  if (a !== b && (a.split(/[^a-z0-9]+/).includes(b) || b.split(/[^a-z0-9]+/).includes(a))) return 1;
  // Far longer words cannot be near, and comparing them would be slow.
  if (Math.abs(a.length - b.length) > 20 || a.length > 200) return Number.POSITIVE_INFINITY;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1];
    for (let j = 0; j < b.length; j++) {
      const replaced = (row[j] ?? 0) + (a[i] === b[j] ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
