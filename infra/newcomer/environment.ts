import { join } from "node:path";

/** Where everything of a newcomer is; all of it below one temporary folder. */
export type Places = {
  folder: string;
  clone: string;
  home: string;
  /** TMPDIR: what is left in it would have been left in the machine's. */
  temporary: string;
  logs: string;
  labState: string;
};

/** Where to put things below a folder. The names are short, because sockets are below them. */
export function placesBelow(folder: string): Places {
  return {
    folder,
    clone: join(folder, "greenroom"),
    home: join(folder, "home"),
    temporary: join(folder, "tmp"),
    logs: join(folder, "logs"),
    labState: join(folder, "lab"),
  };
}

/** Marks every process that a newcomer's commands start, as long as it hands its environment on. */
export const marker = "GREENROOM_NEWCOMER";

/** Variables without which a machine behind a proxy or with an authority of its own reaches nothing. */
const passedThrough = [
  ["LANG", "LC_ALL", "TZ"],
  ["HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "no_proxy", "all_proxy"],
  ["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "CURL_CA_BUNDLE"],
  ["REQUESTS_CA_BUNDLE", "PIP_CERT"],
  ["npm_config_registry", "npm_config_cafile", "npm_config_proxy", "npm_config_https_proxy", "npm_config_noproxy"],
].flat();

/** Go's settings of how modules are fetched; asked of `go env`, since they may be in a file of the machine's own HOME. */
export const goSettings = ["GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE"] as const;

/** A newcomer's environment: this machine's way to the registries, and nothing else of whoever started this. */
export function newcomerEnvironment(
  own: NodeJS.ProcessEnv,
  places: Places,
  go: Readonly<Record<string, string>>,
  mark: string,
): NodeJS.ProcessEnv {
  const cache = join(places.home, ".cache");
  const passed = passedThrough.flatMap((name) => (own[name] === undefined ? [] : [[name, own[name]]]));
  return {
    ...Object.fromEntries(passed),
    ...Object.fromEntries(goSettings.flatMap((name) => (go[name] ? [[name, go[name]]] : []))),
    PATH: pathOfMachine(own["PATH"] ?? ""),
    HOME: places.home,
    TMPDIR: places.temporary,
    XDG_CACHE_HOME: cache,
    npm_config_cache: join(cache, "npm"),
    GOPATH: join(places.home, "go"),
    GOMODCACHE: join(cache, "go-mod"),
    GOCACHE: join(cache, "go-build"),
    GREENROOM_CACHE: join(cache, "greenroom"),
    GREENROOM_LAB_STATE: places.labState,
    [marker]: mark,
  };
}

/** PATH without what npm and this checkout have put in front of it: a newcomer has the machine's own Node. */
function pathOfMachine(path: string): string {
  return path
    .split(":")
    .filter((folder) => folder !== "" && !folder.split("/").includes("node_modules"))
    .join(":");
}

const registrySetting = /^\s*(?:ca|ca\[\]|cafile|strict-ssl|registry|@[^:=\s]+:registry|proxy|https-proxy|noproxy)\s*=/;

/** Of somebody's .npmrc what it takes to reach a registry; no credentials. */
export function registrySettings(npmrc: string): string {
  const kept = npmrc.split("\n").filter((line) => registrySetting.test(line));
  return kept.map((line) => `${line}\n`).join("");
}
