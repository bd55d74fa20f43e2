import { describe, expect, test } from "vitest";
import { beyondGrantable, grantable } from "../../../src/objects/grantable.ts";
import { deployerRole } from "../../../src/objects/deployer-role.ts";
import { guard } from "../../../src/objects/guard.ts";
import { allowedKinds, droppedKinds, groupOf } from "../../../src/objects/kinds.ts";
import { defaultLimits, type KitOptions, namespaceKit } from "../../../src/objects/namespace-kit.ts";
import { at, isMap, listOf } from "../../../src/objects/read.ts";

const preview = {
  name: "12-shop",
  uid: "0b0c",
  spec: {
    repository: { id: 42, nodeId: "R_1", fullName: "acme/shop" },
    pullRequest: 12,
    installation: 7,
    want: "running" as const,
  },
};
const options: KitOptions = {
  tier: "trusted",
  limits: defaultLimits,
  pullSecret: '{"auths":{"registry.example":{}}}',
  gateway: { namespaces: ["greenroom"], cidrs: ["203.0.113.7/32"] },
  blockedCidrs: ["198.51.100.0/24", "2001:db8::/32"],
};

function part(kind: string, changes: Partial<KitOptions> = {}) {
  return namespaceKit(preview, { ...options, ...changes }).find((object) => object.kind === kind);
}

describe("the kit", () => {
  test("begins with the namespace, and everything else is in it and labelled", () => {
    const kit = namespaceKit(preview, options);
    expect(kit.map(({ kind, metadata }) => `${kind}/${metadata.name}`)).toEqual([
      "Namespace/preview-12-shop",
      "ResourceQuota/greenroom",
      "LimitRange/greenroom",
      "NetworkPolicy/greenroom",
      "Secret/greenroom-registry",
      "ServiceAccount/default",
    ]);
    expect(new Set(kit.slice(1).map(({ metadata }) => metadata.namespace))).toEqual(new Set(["preview-12-shop"]));
    for (const { metadata } of kit) {
      expect(metadata.labels).toMatchObject({
        "greenroom.dev/preview": "12-shop",
        "greenroom.dev/repository": "42",
        "greenroom.dev/pull-request": "12",
        "app.kubernetes.io/managed-by": "greenroom",
      });
    }
  });

  test.each([
    ["trusted", "baseline"],
    ["fork", "restricted"],
  ] as const)("Pod Security for %s is %s", (tier, level) => {
    expect(part("Namespace", { tier })?.metadata).toMatchObject({
      annotations: { "greenroom.dev/record-uid": "0b0c" },
      labels: {
        "greenroom.dev/tier": tier,
        "pod-security.kubernetes.io/enforce": level,
        "pod-security.kubernetes.io/warn": "restricted",
      },
    });
  });

  test("limits", () => {
    expect(part("ResourceQuota")?.spec).toEqual({
      hard: {
        "requests.cpu": "4",
        "requests.memory": "8Gi",
        "limits.memory": "8Gi",
        "requests.storage": "20Gi",
        pods: "40",
        persistentvolumeclaims: "10",
        services: "40",
        "services.loadbalancers": "0",
        "services.nodeports": "0",
      },
    });
    // What the quota counts and containers do not say has a default, or no pod would be let in.
    expect(part("LimitRange")?.spec).toEqual({
      limits: [{ type: "Container", defaultRequest: { cpu: "20m", memory: "64Mi" }, default: { memory: "1Gi" } }],
    });
  });

  test("network: in from here and the gateway, out to here, name servers and the internet", () => {
    expect(part("NetworkPolicy")?.spec).toEqual({
      podSelector: {},
      policyTypes: ["Ingress", "Egress"],
      ingress: [
        {
          from: [
            { podSelector: {} },
            { namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "greenroom" } } },
            { ipBlock: { cidr: "203.0.113.7/32" } },
          ],
        },
      ],
      egress: [
        { to: [{ podSelector: {} }] },
        {
          ports: [
            { protocol: "UDP", port: 53 },
            { protocol: "TCP", port: 53 },
          ],
        },
        {
          to: [
            {
              ipBlock: {
                cidr: "0.0.0.0/0",
                except: [
                  "10.0.0.0/8",
                  "172.16.0.0/12",
                  "192.168.0.0/16",
                  "100.64.0.0/10",
                  "169.254.0.0/16",
                  "198.51.100.0/24",
                ],
              },
            },
            { ipBlock: { cidr: "::/0", except: ["fc00::/7", "fe80::/10", "2001:db8::/32"] } },
          ],
        },
      ],
    });
  });

  test("no mounted token, and a pull secret, empty where the registry wants none", () => {
    expect(part("ServiceAccount")).toMatchObject({
      automountServiceAccountToken: false,
      imagePullSecrets: [{ name: "greenroom-registry" }],
    });
    expect(part("Secret")).toMatchObject({
      type: "kubernetes.io/dockerconfigjson",
      data: { ".dockerconfigjson": btoa(options.pullSecret ?? "") },
    });
    expect(part("Secret", { pullSecret: undefined })).toMatchObject({
      data: { ".dockerconfigjson": "eyJhdXRocyI6e319" },
    });
  });

  test("nothing in it could be replaced by an object of a chart", () => {
    const kit = namespaceKit(preview, options).filter(
      ({ kind }) => !droppedKinds.some((dropped) => dropped.kind === kind),
    );
    const allowance = { namespace: "preview-12-shop", hosts: [], kinds: [] };
    for (const object of kit) {
      const copy = { ...object, metadata: { name: object.metadata.name } };
      expect(guard([{ object: copy, file: "a.yaml" }], allowance).violations).not.toEqual([]);
    }
  });
});

describe("the deployer's role", () => {
  const rules = listOf(deployerRole().rules).filter(isMap);
  const may = (group: string, resource: string, verb: string) =>
    rules.some(
      (rule) =>
        listOf(rule.apiGroups).includes(group) &&
        listOf(rule.resources).includes(resource) &&
        listOf(rule.verbs).includes(verb),
    );

  test.each(allowedKinds)("may do what Helm does with $apiVersion $kind", ({ apiVersion, resource }) => {
    for (const verb of ["get", "list", "watch", "create", "update", "patch", "delete"]) {
      expect(may(groupOf(apiVersion), resource, verb)).toBe(true);
    }
  });

  test("has everything that a chart's Role may grant, so the API server lets it", () => {
    for (const { apiGroups, resources, verbs } of grantable) {
      for (const resource of resources)
        for (const verb of verbs) expect(may(apiGroups[0] ?? "", resource, verb)).toBe(true);
    }
  });

  test("names nothing that would lead out of the namespace or past the guard", () => {
    const resources = rules.flatMap((rule) => listOf(rule.resources).map(String));
    const verbs = rules.flatMap((rule) => listOf(rule.verbs));
    expect(resources.filter((resource) => resource.includes("/") || resource.includes("*"))).toEqual([]);
    for (const resource of [
      "networkpolicies",
      "resourcequotas",
      "limitranges",
      "endpoints",
      "endpointslices",
      "namespaces",
      "nodes",
    ]) {
      expect(resources).not.toContain(resource);
    }
    expect(
      verbs.filter((verb) => ["*", "bind", "escalate", "impersonate", "deletecollection"].includes(String(verb))),
    ).toEqual([]);
    expect(JSON.stringify(rules)).not.toContain('"*"');
  });

  test("knows the operator's further kinds", () => {
    const further = deployerRole([{ apiVersion: "cert-manager.io/v1", kind: "Certificate", resource: "certificates" }]);
    expect(
      at(
        listOf(further.rules).find((rule) => String(listOf(at(rule, "apiGroups"))[0]) === "cert-manager.io"),
        "resources",
      ),
    ).toEqual(["certificates"]);
  });
});

test("what is grantable is granted, word for word", () => {
  for (const rule of grantable) expect(beyondGrantable(rule)).toBeUndefined();
});
