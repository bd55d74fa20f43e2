import { z } from "zod";
import { parsePath } from "../objects/path.ts";
import { serviceNameLength } from "../preview/names.ts";
import { previewsSchema } from "./config-previews.ts";
import { setSchema } from "./config-set.ts";
import { resolveInside } from "./paths.ts";

const path = (from: "the repository's root" | "the context") =>
  z
    .string()
    .min(1, { error: "must not be empty" })
    .max(500, { error: "must have at most 500 characters" })
    .refine((text) => from === "the context" || resolveInside(text) !== undefined, {
      error: "must be a path inside the repository, from its root, with `/`",
    });

const dnsLabel = /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

const chart = z
  .strictObject({
    path: path("the repository's root").describe("Folder of the chart, from the repository's root. `.` is the root."),
    release: z
      .string()
      .regex(dnsLabel, { error: "must be lower-case letters, digits and hyphens, starting with a letter" })
      .max(53, { error: "must have at most 53 characters" })
      .default("preview")
      .describe("Name of the Helm release, `.Release.Name` in the chart."),
    valueFiles: z
      .array(path("the repository's root"))
      .max(20, { error: "must have at most 20 entries" })
      .default([])
      .describe("Value files from the repository's root, in order; later ones win. URLs are refused."),
    values: z
      .record(z.string(), z.unknown())
      .default({})
      .describe(
        "Values that win over those of the chart and the value files. Texts in it may hold `${pr.number}`, `${sha}`, `${host.NAME}`, `${url.NAME}`, `${image.NAME}` and `${set.KEY}`.",
      ),
    imagePaths: z
      .array(
        z.strictObject({
          kind: z.string().min(1, { error: "must not be empty" }).describe("Kind of the object, e.g. `Prometheus`."),
          path: z
            .string()
            .max(500, { error: "must have at most 500 characters" })
            .refine((text) => parsePath(text) !== undefined, {
              error: "must be a path such as `spec.image` or `spec.containers[*].image`",
            })
            .describe("Where the image's name stands in it, e.g. `spec.image`."),
        }),
      )
      .max(50, { error: "must have at most 50 entries" })
      .default([])
      .describe("Where else than in containers names of images stand, such as in custom resources."),
  })
  .describe("The Helm chart that is deployed. Without it Greenroom looks for one.");

const image = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]+([._-]+[a-z0-9]+)*(\/[a-z0-9]+([._-]+[a-z0-9]+)*)*$/, {
      error: "must be the image's name as the chart has it, in lower case, without registry and tag",
    })
    .max(100, { error: "must have at most 100 characters" })
    .describe("Name of the image as the chart has it, without registry and tag, e.g. `shop/web`."),
  context: path("the repository's root").describe(
    "Folder that the build sees, from the repository's root. `.` is the root.",
  ),
  dockerfile: path("the context").default("Dockerfile").describe("The Dockerfile, from the context."),
  target: z
    .string()
    .min(1, { error: "must not be empty" })
    .max(100, { error: "must have at most 100 characters" })
    .optional()
    .describe("Stage of the Dockerfile to build; the last one if absent."),
  args: z
    .record(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "must be the name of an ARG" }), z.string())
    .default({})
    .describe(
      "Build arguments. May hold `${pr.number}`, `${sha}`, `${host.NAME}`, `${url.NAME}` and `${set.KEY}`; such an image is built for each of them.",
    ),
});

const exposed = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, {
      error: "must be lower-case letters, digits and single hyphens, starting with a letter",
    })
    .max(serviceNameLength, { error: `must have at most ${serviceNameLength} characters` })
    .describe("Name in `${host.NAME}` and `${url.NAME}`, and prefix of the host name where it is not the first."),
  service: z
    .string()
    .regex(dnsLabel, { error: "must be the name of a Service" })
    .describe("Name of the Service in the chart's output."),
  port: z
    .int({ error: "must be a whole number" })
    .min(1, { error: "must be a port from 1 to 65535" })
    .max(65_535, { error: "must be a port from 1 to 65535" })
    .describe("Port of the Service."),
});

/** greenroom.yaml, version 1. Its descriptions are the reference in docs/configuration.md. */
export const configSchema = z.strictObject({
  chart: chart.optional(),
  set: setSchema.optional(),
  images: z
    .array(image)
    .max(50, { error: "must have at most 50 entries" })
    .optional()
    .describe("Images that are built for each pull request. Without it, one for each folder with a Dockerfile."),
  expose: z
    .array(exposed)
    .min(1, { error: "must have at least one entry" })
    .max(20, { error: "must have at most 20 entries" })
    .optional()
    .describe("Services that get a URL. The first is the preview's main one."),
  previews: previewsSchema.optional(),
});

export type Config = z.infer<typeof configSchema>;

/** Where the configuration is looked for, the first one wins. */
export const configFiles = ["greenroom.yaml", ".github/greenroom.yaml"] as const;
