import { labels } from "../../objects/our-names.ts";
import type { Endpoints, PodAddress } from "../../ports/endpoints.ts";
import type { KubernetesApi } from "./api.ts";
import { type ApiObject, at, isJson, text, texts } from "./api-object.ts";
import { followThrough } from "./follow.ts";

/** Objects of previews carry this label, and the slices of a Service carry its labels. */
const query = { labelSelector: labels.preview };

type Slice = { service: string; endpoints: { ip: string; pod: string }[]; ports: Map<string, number> };
/** What is derived from objects, made when it is first asked for after a change. */
type Table = { ports: Map<string, Map<number, string>>; slices: Map<string, Slice[]> };

/**
 * Follows the Services and EndpointSlices of all previews until `lifetime` ends. Resolves once both are known; rejects
 * where the API server forbids them.
 */
export async function followEndpoints(
  api: KubernetesApi,
  lifetime: AbortSignal,
  onError: (error: unknown) => void,
): Promise<Endpoints> {
  let services: ReadonlyMap<string, ApiObject> = new Map();
  let slices: ReadonlyMap<string, ApiObject> = new Map();
  let table: Table | undefined;

  const watch = (path: string, apiVersion: string, kind: string, take: (objects: typeof services) => void) =>
    new Promise<void>((resolve, reject) => {
      const changed = (objects: typeof services) => {
        take(objects);
        table = undefined;
        resolve();
      };
      followThrough(api, { path, query, apiVersion, kind }, changed, onError, lifetime).catch((error: unknown) => {
        reject(error instanceof Error ? error : new Error(String(error)));
        onError(error);
      });
    });

  await Promise.all([
    watch("/api/v1/services", "v1", "Service", (objects) => {
      services = objects;
    }),
    watch("/apis/discovery.k8s.io/v1/endpointslices", "discovery.k8s.io/v1", "EndpointSlice", (objects) => {
      slices = objects;
    }),
  ]);

  return {
    ready(namespace, service, port) {
      table ??= { ports: portNames(services), slices: byService(slices) };
      const name = `${namespace}/${service}`;
      const portName = table.ports.get(name)?.get(port);
      if (portName === undefined) return [];
      return (table.slices.get(name) ?? []).flatMap((slice) => addresses(slice, namespace, portName));
    },
  };
}

function addresses({ endpoints, ports }: Slice, namespace: string, portName: string): PodAddress[] {
  const port = ports.get(portName);
  return port === undefined ? [] : endpoints.map(({ ip, pod }) => ({ ip, port, namespace, pod }));
}

/** Names of each Service's ports by number; a slice knows a port by the name alone. */
function portNames(services: ReadonlyMap<string, ApiObject>): Table["ports"] {
  const table: Table["ports"] = new Map();
  for (const [name, service] of services) {
    const ports = items(service, "spec", "ports").filter((port) => (text(port["protocol"]) || "TCP") === "TCP");
    table.set(name, new Map(ports.map((port) => [Number(port["port"]), text(port["name"])])));
  }
  return table;
}

const read = new WeakMap<ApiObject, Slice>();

function byService(slices: ReadonlyMap<string, ApiObject>): Table["slices"] {
  const table: Table["slices"] = new Map();
  for (const object of slices.values()) {
    const known = read.get(object);
    const slice = known ?? readSlice(object);
    if (known === undefined) read.set(object, slice);
    const all = table.get(slice.service);
    if (all === undefined) table.set(slice.service, [slice]);
    else all.push(slice);
  }
  return table;
}

function readSlice(object: ApiObject): Slice {
  const namespace = object.metadata.namespace ?? "";
  const service = object.metadata.labels?.["kubernetes.io/service-name"] ?? "";
  const endpoints = items(object, "endpoints").flatMap((endpoint) => {
    const target = endpoint["targetRef"];
    // Nothing but pods of the same namespace: an address alone could be anybody's.
    if (text(at(target, "kind")) !== "Pod" || text(at(target, "namespace")) !== namespace) return [];
    if (at(endpoint, "conditions", "ready") === false) return [];
    const [ip] = texts(endpoint["addresses"]);
    return ip === undefined ? [] : [{ ip, pod: text(at(target, "name")) }];
  });
  const ports = items(object, "ports").filter((port) => typeof port["port"] === "number");
  return {
    service: `${namespace}/${service}`,
    endpoints,
    ports: new Map(ports.map((port) => [text(port["name"]), Number(port["port"])])),
  };
}

function items(value: unknown, ...path: string[]): { [key: string]: unknown }[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found.filter(isJson) : [];
}
