import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { mapOf, textOf } from "../objects/read.ts";

const masked = "***";
/** Shorter values are words that occur anywhere, such as `true` or `admin`. */
const shortest = 6;

const formats: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
  /\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,})/g,
  /\bglpat-[\w-]{20,}/g,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g,
  /\bxox[abeoprs]-[\w-]{10,}/g,
  /\b(?:sk|rk|pk)_(?:live|test)_\w{10,}/g,
  /\bsk-(?:[a-z]+-)?[\w-]{20,}/g,
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\bAIza[\w-]{35}/g,
  /\bdckr_pat_[\w-]{20,}/g,
  /(?<=\b(?:bearer|basic) )[\w.~+/=-]{8,}/gi,
  // `postgres://user:password@host`
  /(?<=[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:)[^\s/@]+(?=@)/gi,
  // `DB_PASSWORD=…`, `"password": "…"`
  /(?<=(?:password|passwd|secret|token|api[_-]?key|private[_-]?key)\w*["']?(?:=|\s*:\s*(?=["']))["']?)[^\s"'&,;]+/gi,
];

/** Replaces the given secret values, and everything that has the form of a common token, by `***`. */
export function mask(text: string, secrets: readonly string[] = []): string {
  const known = [...new Set(secrets)]
    .filter((secret) => secret.length >= shortest)
    .toSorted((a, b) => b.length - a.length);
  const withoutKnown = known.reduce((rest, secret) => rest.replaceAll(secret, masked), text);
  return formats.reduce((rest, format) => rest.replace(format, masked), withoutKnown);
}

/** The values of the objects' Secrets, as programs print them. */
export function secretValues(objects: readonly KubernetesObject[]): string[] {
  return objects
    .filter(({ kind }) => kind === "Secret")
    .flatMap((secret) => {
      const encoded = Object.values(mapOf(secret.data)).map((value) => textOf(value) ?? "");
      const decoded = encoded.map((value) => Buffer.from(value, "base64").toString("utf8"));
      const open = Object.values(mapOf(secret.stringData)).map((value) => textOf(value) ?? "");
      // Lines too, since of a value with many, such as a key, a log shows some.
      return [...encoded, ...decoded, ...open].flatMap((value) => [
        value.trim(),
        ...value.split("\n").map((line) => line.trim()),
      ]);
    })
    .filter((value) => value.length >= shortest);
}
