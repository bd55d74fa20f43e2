import type { Hono } from "hono";
import { z } from "zod";
import type { Fault, Faults } from "./faults.ts";
import { faultRule } from "./rule.ts";

/** Where tests and people say what is to go wrong, and look how often it did. */
export function faultRoutes(app: Hono, faults: Faults): void {
  app.post("/-/faults", async (context) => {
    const wanted = faultRule.safeParse(await context.req.json().catch(() => undefined));
    if (!wanted.success) return context.json({ message: z.prettifyError(wanted.error) }, 400);
    return context.json(presentFault(faults.add(wanted.data)), 201);
  });
  app.get("/-/faults", (context) => context.json(faults.list().map(presentFault)));
  app.delete("/-/faults", (context) => {
    faults.clear();
    return context.body(null, 204);
  });
  app.delete("/-/faults/:id{[0-9]+}", (context) =>
    faults.remove(Number(context.req.param("id")))
      ? context.body(null, 204)
      : context.json({ message: "There is no such rule." }, 404),
  );
}

function presentFault({ id, rule, seen, struck }: Fault) {
  return { id, seen, struck, ...rule };
}
