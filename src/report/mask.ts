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

/** A Secret with more holds something else than what programs are given to log in somewhere. */
const mostValues = 1_000;

/** The values of the objects' Secrets, as programs print them. */
export function secretValues(objects: readonly KubernetesObject[]): string[] {
  const values = objects
    .filter(({ kind }) => kind === "Secret")
    .flatMap(({ data, stringData }) => {
      const encoded = Object.values(mapOf(data)).map((value) => textOf(value) ?? "");
      const decoded = encoded.map((value) => Buffer.from(value, "base64").toString("utf8"));
      const open = Object.values(mapOf(stringData)).map((value) => textOf(value) ?? "");
      return [...encoded, ...[...decoded, ...open].flatMap(spellings)];
    })
    .map((value) => value.trim())
    .filter((value) => value.length >= shortest);
  return [...new Set(values)].slice(0, mostValues);
}

/** A value as it is, as part of a URL, line by line, since of a key a log shows some, and what a registry is given. */
function spellings(value: string): string[] {
  const lines = value.split("\n");
  const forms = [value, ...(lines.length > 1 ? lines : []), ...credentialsIn(value)];
  return forms.flatMap((form) => [form, encodeURIComponent(form.toWellFormed())]);
}

/** Passwords and tokens of a Docker `config.json`. */
function credentialsIn(value: string): string[] {
  if (!value.includes('"auths"')) return [];
  try {
    const auths = Object.values(mapOf(mapOf(JSON.parse(value))["auths"])).map(mapOf);
    return auths.flatMap(({ password, auth, identitytoken }) =>
      [password, auth, identitytoken, passwordIn(textOf(auth))].flatMap((each) => textOf(each) ?? []),
    );
  } catch {
    return [];
  }
}

/** Of `user:password` in base 64. */
function passwordIn(auth = ""): string | undefined {
  return /:([\s\S]*)$/.exec(Buffer.from(auth, "base64").toString("utf8"))?.[1];
}
