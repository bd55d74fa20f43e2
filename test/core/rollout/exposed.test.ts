import { expect, test } from "vitest";
import { missingService } from "../../../src/rollout/exposed.ts";
import { deployment, object } from "./cluster.ts";

const service = object("v1", "Service", "web", {
  spec: { selector: { app: "web" }, ports: [{ port: 80 }, { port: 9_090 }] },
});
const elsewhere = object("v1", "Service", "api", { spec: { selector: { app: "api" }, ports: [{ port: 80 }] } });
const objects = [service, elsewhere, deployment()];

test.each([
  [{ service: "web", port: 80 }, undefined, undefined],
  [
    { service: "wep", port: 80 },
    "`shop` is to be exposed, but there is no Service `wep`.",
    "Did you mean `web`? There are `web` and `api`.",
  ],
  [
    { service: "zzzzzzz", port: 80 },
    "`shop` is to be exposed, but there is no Service `zzzzzzz`.",
    "Correct `expose` in greenroom.yaml. There are `web` and `api`.",
  ],
  [
    { service: "web", port: 8_080 },
    "`shop` is to be exposed, but `Service/web` has no port `8080`.",
    "Correct `expose` in greenroom.yaml; the Service has `80` and `9090`.",
  ],
  [
    { service: "api", port: 80 },
    "`shop` is to be exposed, but `Service/api` selects no pods of the preview.",
    "Compare its selector (`app=api`) with the labels of the pod templates.",
  ],
])("%o", (exposed, what, remedy) => {
  const failure = missingService(objects, [{ name: "shop", ...exposed }]);
  expect([failure?.what, failure?.remedy]).toEqual([what, remedy]);
});

test("without any Service", () => {
  expect(missingService([], [{ name: "shop", service: "web", port: 80 }])?.remedy).toContain("no Service at all");
});
