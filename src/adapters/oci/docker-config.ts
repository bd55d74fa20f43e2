import { z } from "zod";

export type Credentials = { username: string; password: string };

const dockerConfig = z.object({
  auths: z
    .record(
      z.string(),
      z.object({
        auth: z.string().optional(),
        username: z.string().optional(),
        password: z.string().optional(),
      }),
    )
    .optional(),
});

/** `https://registry.example/v1/` and `registry.example/team` are both keys for `registry.example`. */
function hostOf(key: string): string {
  return key.replace(/^https?:\/\//, "").replace(/\/.*$/, "");
}

/** Credentials for a registry's host in the text of a Docker `config.json`. */
export function credentialsFor(host: string, text: string): Credentials | undefined {
  const entries = Object.entries(dockerConfig.parse(JSON.parse(text)).auths ?? {});
  const entry = entries.find(([key]) => hostOf(key) === host)?.[1];
  if (entry?.username !== undefined && entry.password !== undefined) {
    return { username: entry.username, password: entry.password };
  }
  const decoded = Buffer.from(entry?.auth ?? "", "base64").toString("utf8");
  const colon = decoded.indexOf(":");
  return colon === -1 ? undefined : { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) };
}

export function basicAuthorization({ username, password }: Credentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
}

/** Body of a `kubernetes.io/dockerconfigjson` secret for one registry. */
export function pullSecretBody(host: string, { username, password }: Credentials): string {
  const auth = Buffer.from(`${username}:${password}`).toString("base64");
  return JSON.stringify({ auths: { [host]: { username, password, auth } } });
}
