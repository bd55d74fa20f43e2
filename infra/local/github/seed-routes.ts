import type { Context, Hono } from "hono";
import { z } from "zod";
import { addPerson } from "./actions/people.ts";
import { createPlenty } from "./actions/plenty.ts";
import { Refusal } from "./actions/refusal.ts";
import type { GitHub } from "./context.ts";
import { fullName } from "./present/repository.ts";

const plenty = z.strictObject({
  owner: z.string().default("maintainer"),
  prefix: z.string().min(1).default("plenty"),
  repositories: z.int().min(1).max(1000),
  pullRequests: z.int().min(1).max(1000),
  webhooks: z.boolean().default(false),
});

const person = z.strictObject({
  login: z.string().regex(/^[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})(?:\[bot\])?$/, "this is no login"),
  name: z.string().min(1).optional(),
});

/** Where tests get in one call what would take people long. */
export function seedRoutes(app: Hono, github: GitHub): void {
  app.post("/-/plenty", (context) =>
    made(context, plenty, async ({ owner, ...wanted }) => {
      const user = github.store.userByLogin(owner);
      if (user === undefined) throw new Refusal(422, `There is no ${owner}.`);
      const repositories = await createPlenty(github, user, wanted);
      return repositories.map((repository) => ({
        id: repository.id,
        full_name: fullName(github, repository),
        pull_requests: github.store.pullRequests(repository).map(({ number, head }) => ({ number, head: head.sha })),
      }));
    }),
  );
  app.post("/-/people", (context) =>
    made(context, person, async ({ login, name = login }) => {
      const { id, type, token } = addPerson(github, login, name);
      return { id, login, type, token };
    }),
  );
}

async function made<Schema extends z.ZodType>(
  context: Context,
  schema: Schema,
  work: (wanted: z.infer<Schema>) => Promise<unknown>,
): Promise<Response> {
  const wanted = schema.safeParse(await context.req.json().catch(() => undefined));
  if (!wanted.success) return context.json({ message: z.prettifyError(wanted.error) }, 400);
  try {
    return context.json(await work(wanted.data), 201);
  } catch (error) {
    if (error instanceof Refusal) return context.json({ message: error.message, errors: error.errors }, 422);
    throw error;
  }
}
