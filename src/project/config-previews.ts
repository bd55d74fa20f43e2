import { z } from "zod";

const label = z
  .string()
  .min(1, { error: "must not be empty" })
  .max(50, { error: "must have at most 50 characters, as labels do" });

const glob = z
  .string()
  .min(1, { error: "must not be empty" })
  .max(200, { error: "must have at most 200 characters" })
  .refine((text) => !text.startsWith("/") && !text.startsWith("!"), {
    error: "must be a pattern from the repository's root, without `/` or `!` before it",
  });

const few = { error: "must have at most 50 entries" };

/** Which pull requests get a preview. Only what the base branch says counts, so no pull request decides for itself. */
export const previewsSchema = z
  .strictObject({
    trigger: z
      .enum(["always", "label", "command"], { error: "must be `always`, `label` or `command`" })
      .default("always")
      .describe(
        "What begins a preview: every pull request gets one (`always`), those with the label (`label`), or those for which somebody writes `/preview deploy` (`command`).",
      ),
    label: label.default("preview").describe("The label that asks for a preview where `trigger` is `label`."),
    drafts: z.boolean().default(true).describe("Whether drafts get one unasked."),
    bots: z
      .union([z.boolean(), z.array(label).max(50, few)], { error: "must be true, false or a list of bots" })
      .default(true)
      .describe("Whether bots' pull requests get one unasked, or which bots' do, e.g. `[renovate]`."),
    labels: z
      .strictObject({
        required: z.array(label).max(50, few).default([]).describe("Without all of these there is no preview."),
        forbidden: z.array(label).max(50, few).default([]).describe("With any of these there is no preview."),
      })
      .default({ required: [], forbidden: [] })
      .describe("Labels that count whoever asks for a preview."),
    paths: z
      .strictObject({
        include: z
          .array(glob)
          .max(50, few)
          .default([])
          .describe("Only pull requests that change a file of these get one unasked; all, where this is empty."),
        ignore: z
          .array(glob)
          .max(50, few)
          .default([])
          .describe("Pull requests that change nothing but files of these get none unasked, e.g. `docs/**`."),
      })
      .default({ include: [], ignore: [] })
      .describe("Patterns for changed files: `*` is any part of a name, `**` any number of folders."),
    branches: z
      .array(glob)
      .max(50, few)
      .default([])
      .describe("Base branches whose pull requests get previews, e.g. `release/*`; all, where this is empty."),
    comment: z
      .enum(["always", "silent"], { error: "must be `always` or `silent`" })
      .default("always")
      .describe("Whether a comment says why there is no preview and how to get one, or nothing does (`silent`)."),
  })
  .describe(
    "Which pull requests get a preview. Only what the **base branch** says of this counts: a pull request that changes it changes what is true once it is merged.",
  );

export type Previews = z.infer<typeof previewsSchema>;
