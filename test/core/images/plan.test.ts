import { describe, expect, test } from "vitest";
import { type NamedImage, planImages } from "../../../src/images/plan.ts";

const [ours, theirs] = [`sha256:${"1".repeat(64)}`, `sha256:${"2".repeat(64)}`];

function named(name: string, fingerprint: string): NamedImage {
  const image = { name, context: name, dockerfile: `${name}/Dockerfile`, args: {} };
  return { image, fingerprint, reference: `registry.example/7/${name}:${fingerprint}` };
}

describe("planImages", () => {
  const web = named("web", "g-1");

  test.each([
    ["recorded and present", ours, ours, "reuse"],
    ["present but not recorded: someone else pushed it", undefined, ours, "build"],
    ["recorded but collected since", ours, undefined, "build"],
    ["recorded, and the tag was moved to another image", ours, theirs, "build"],
    ["neither", undefined, undefined, "build"],
  ])("%s", (_, recorded, present, expected) => {
    const digests = (digest: string | undefined) => new Map(digest === undefined ? [] : [[web.reference, digest]]);
    const [plan] = planImages([web], digests(recorded), digests(present));
    expect(plan).toEqual({
      image: web.image,
      reference: web.reference,
      do: expected,
      ...(expected === "reuse" ? { digest: ours } : {}),
    });
  });

  test("equal content of one project is built once, under the first one's reference", () => {
    const plans = planImages(
      [web, named("api", "g-2"), named("worker", "g-1"), named("cron", "g-1")],
      new Map(),
      new Map(),
    );
    expect(
      plans.map(({ image, reference, ...plan }) => [image.name, reference, plan.do === "same" ? plan.as : plan.do]),
    ).toEqual([
      ["web", "registry.example/7/web:g-1", "build"],
      ["api", "registry.example/7/api:g-2", "build"],
      ["worker", "registry.example/7/web:g-1", "web"],
      ["cron", "registry.example/7/web:g-1", "web"],
    ]);
  });
});
