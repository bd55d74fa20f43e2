import type { KubernetesObject } from "../objects/kubernetes-object.ts";
import { isMap, textOf } from "../objects/read.ts";
import { enumerate, quote } from "../objects/words.ts";
import type { Result } from "../preview/failure.ts";
import { defaultServiceName, type Exposed } from "./project.ts";

/** Names of services that people open in a browser, the likeliest first. */
const likelyNames = /(^|-)(web|www|frontend|front|ui|app|site|gateway|proxy)$/;
const likelyPorts = [80, 8080, 3000, 8000, 5000, 443];

/** The service that gets the URL where the configuration names none: the only one, or the one that looks like a site. */
export function mainService(objects: readonly KubernetesObject[]): Result<Exposed> {
  const candidates = objects.filter((object) => object.kind === "Service").flatMap(candidate);
  const likely = candidates.filter(({ service }) => likelyNames.test(service));
  const [chosen, ...others] = candidates.length === 1 ? candidates : likely;
  if (chosen !== undefined && others.length === 0) return { ok: true, value: chosen };
  const names = candidates.map(({ service, port }) => quote(`${service}:${port}`));
  return {
    ok: false,
    failure: {
      kind: "user",
      code: "nothing-exposed",
      what:
        names.length === 0
          ? "The chart has no Service that a URL could lead to."
          : `The chart has several Services, and it is not clear which one is the preview's: ${enumerate(names)}.`,
      remedy: "Name it under `expose:` in greenroom.yaml, with `name`, `service` and `port`.",
    },
  };
}

function candidate(object: KubernetesObject): Exposed[] {
  const spec = isMap(object.spec) ? object.spec : {};
  const list: unknown[] = Array.isArray(spec.ports) ? spec.ports : [];
  const ports = list
    .filter(isMap)
    .flatMap(({ name, port, protocol }) =>
      typeof port === "number" && (protocol === undefined || protocol === "TCP") ? [{ name: textOf(name), port }] : [],
    );
  const best =
    ports.find(({ name }) => name?.startsWith("http") === true) ??
    ports.find(({ port }) => likelyPorts.includes(port)) ??
    ports[0];
  return best === undefined ? [] : [{ name: defaultServiceName, service: object.metadata.name, port: best.port }];
}
