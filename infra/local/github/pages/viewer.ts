import type { Context } from "hono";
import { getCookie, setCookie } from "hono/cookie";
import type { GitHub } from "../context.ts";
import type { UserRecord } from "../store/records.ts";
import { people } from "../store/seed.ts";

const cookie = "acting-as";

/** The people one may act as. */
export function viewers(github: GitHub): UserRecord[] {
  return github.store.directory.users.filter((user) => user.type === "User");
}

/** As whom this browser acts: there is no sign-in, everybody at this machine may be anybody. */
export function viewerOf(github: GitHub, context: Context): UserRecord {
  const all = viewers(github);
  const chosen = getCookie(context, cookie);
  const usual = people.find(({ role }) => role === "write")?.login;
  const viewer = all.find(({ login }) => login === chosen) ?? all.find(({ login }) => login === usual) ?? all[0];
  if (viewer === undefined) throw new Error("there is nobody to act as");
  return viewer;
}

/** Remembers in the browser as whom it acts. */
export function actAs(context: Context, viewer: UserRecord): void {
  setCookie(context, cookie, viewer.login, { path: "/", httpOnly: true, sameSite: "Strict" });
}
