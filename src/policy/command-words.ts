export type Words = { ok: true; words: string[] } | { ok: false; problem: string };

/** Quotation marks by what closes them; telephones write the curly ones. */
const quotes: Readonly<Record<string, string>> = { '"': '"', "'": "'", "“": "”", "„": "“", "‘": "’" };

/** Splits a line at its blanks. Quoted parts stay together, as in a shell, but nothing in them is replaced. */
export function splitWords(line: string): Words {
  const words: string[] = [];
  let word: string | undefined;
  let closing: string | undefined;
  for (const character of line) {
    if (closing !== undefined) {
      if (character === closing) closing = undefined;
      else word = (word ?? "") + character;
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (Object.hasOwn(quotes, character) && (word === undefined || word.endsWith("="))) {
      closing = quotes[character];
      word ??= "";
    } else {
      word = (word ?? "") + character;
    }
  }
  if (closing !== undefined) return { ok: false, problem: `a quotation is not closed; ${closing} is missing` };
  if (word !== undefined) words.push(word);
  return { ok: true, words };
}
