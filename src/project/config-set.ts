import { z } from "zod";
import { declaredKey, longestKey, mostDeclared } from "../policy/declared.ts";

const longestText = 200;
const scalar = z.union(
  [z.string().max(longestText, { error: `must have at most ${longestText} characters` }), z.number(), z.boolean()],
  { error: `must be a text of at most ${longestText} characters, a number, true or false` },
);

const declared = z.strictObject({
  default: scalar.describe(
    "What it is as long as nobody sets it. What people set must be of the same type: text, number, or true or false.",
  ),
  values: z
    .array(scalar)
    .min(1, { error: "must have at least one entry" })
    .max(20, { error: "must have at most 20 entries" })
    .optional()
    .describe("All that it may be. Without it, anything of the default's type."),
  description: z
    .string()
    .max(longestText, { error: `must have at most ${longestText} characters` })
    .optional()
    .describe("What it does, for people who read the file."),
});

/** What comments may set, by key. */
export const setSchema = z
  .record(
    z
      .string()
      .regex(declaredKey, { error: "must be letters, digits and underscores, and not begin with a digit" })
      .max(longestKey, { error: `must have at most ${longestKey} characters` }),
    declared,
  )
  .refine((map) => Object.keys(map).length <= mostDeclared, { error: `must have at most ${mostDeclared} entries` })
  .describe(
    "Values that people may change for one pull request by `/preview set KEY=VALUE`, and `/preview unset KEY`. `${set.KEY}` puts them where they are wanted.",
  );

export type SetConfig = z.infer<typeof setSchema>;
