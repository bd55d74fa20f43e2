import { expect, test } from "vitest";
import { files, smallWorld } from "./small-world.ts";

/** As the usual one, with an argument for the image. */
const config = [
  "chart: {path: chart}",
  "images: [{name: hello, context: ., args: {BUILDKIT_SYNTAX: evil/frontend}}]",
  "expose: [{name: web, service: hello, port: 80}]",
  "",
].join("\n");

test("an argument that makes BuildKit fetch another program to read the Dockerfile is refused before any build", async () => {
  const small = smallWorld();
  const key = await small.github.open();
  small.contents.set(await small.head(key), { ...files, "greenroom.yaml": config });
  await small.look(key);
  const { status } = await small.record(key);
  expect(status).toMatchObject({ phase: "Failed", failure: { kind: "user", code: "build-argument-refused" } });
  expect(small.builder.requests).toEqual([]);
  small.checkouts.close();
});
