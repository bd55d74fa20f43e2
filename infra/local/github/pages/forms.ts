import type { Context } from "hono";
import { Refusal } from "../actions/refusal.ts";

/** The fields of a form, each a text. */
export type Fields = Readonly<Record<string, string | undefined>>;

/**
 * Does what a form asks for and leads to the page that `work` names. The script of our pages asks for JSON and stays
 * where it is; a browser without it is sent there.
 */
export async function answerForm(
  context: Context,
  work: (fields: Fields) => Promise<string> | string,
): Promise<Response> {
  const scripted = context.req.header("accept") === "application/json";
  try {
    const location = await work(await fieldsOf(context));
    return scripted ? context.json({ location }) : context.redirect(location, 303);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const message = reasonOf(error);
    const status = error.status === 404 || error.status === 403 ? error.status : 422;
    return scripted ? context.json({ message }, status) : context.text(message, status);
  }
}

/** One field that has to be there. */
export function required(fields: Fields, field: string): string {
  const value = fields[field];
  if (value === undefined) throw new Refusal(422, `${field} is missing.`);
  return value;
}

async function fieldsOf(context: Context): Promise<Fields> {
  const form = await context.req.formData();
  return Object.fromEntries([...form].flatMap(([key, value]) => (typeof value === "string" ? [[key, value]] : [])));
}

function reasonOf({ message, errors }: Refusal): string {
  const reasons = (errors ?? []).flatMap(({ message: reason }) => (typeof reason === "string" ? [reason] : []));
  return reasons.length === 0 ? message : reasons.join(" ");
}
