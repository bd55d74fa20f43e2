import { resolve } from "node:path";
import type { Foreign } from "./messages.ts";

/** What a person says about a cluster of their own. */
export type ForeignFlags = {
  readonly context?: string;
  readonly registry?: string;
  readonly registryAuth?: string;
  readonly registryPullAuth?: string;
  readonly buildkit?: string;
};

/** The flags do not go together; the message says what is missing. */
export class WrongFlags extends Error {}

/** The cluster that the flags name; undefined where the lab is to run its own. */
export function foreignFrom(flags: ForeignFlags): Foreign | undefined {
  const { context, registry, registryAuth, registryPullAuth, buildkit } = flags;
  if (context === undefined) {
    const others = {
      "--registry": registry,
      "--registry-auth": registryAuth,
      "--registry-pull-auth": registryPullAuth,
      "--buildkit": buildkit,
    };
    const alone = Object.entries(others).find(([, value]) => value !== undefined)?.[0];
    if (alone === undefined) return undefined;
    throw new WrongFlags(`${alone} goes with --context NAME: the lab's own cluster has its own.`);
  }
  if (registry === undefined) {
    throw new WrongFlags("--context needs --registry HOST[:PORT]/PREFIX: your cluster pulls images from there.");
  }
  if (registry.includes("://") || !/^[^/:\s]+(?::\d+)?(?:\/\S+)?$/.test(registry)) {
    throw new WrongFlags(`--registry is HOST[:PORT]/PREFIX, as in an image's name, and not "${registry}".`);
  }
  if (buildkit !== undefined && !/^[a-z-]+:\/\/./.test(buildkit)) {
    throw new WrongFlags(`--buildkit is an address such as tcp://HOST:1234 or unix:///FILE, and not "${buildkit}".`);
  }
  return {
    context,
    registry,
    ...(registryAuth === undefined ? {} : { registryAuth: resolve(registryAuth) }),
    ...(registryPullAuth === undefined ? {} : { registryPullAuth: resolve(registryPullAuth) }),
    ...(buildkit === undefined ? {} : { buildkit }),
  };
}
