import { type GitHub, timestamp } from "../context.ts";
import type { UserRecord } from "../store/records.ts";
import { newUserToken } from "../store/seed.ts";
import { Refusal } from "./refusal.ts";

/**
 * Adds an account without any role. One whose login ends in [bot] is another app's: it may no more than its role lets
 * it, like a person.
 */
export function addPerson(github: GitHub, login: string, name: string): UserRecord {
  if (github.store.userByLogin(login) !== undefined) throw new Refusal(422, `There is a ${login} already.`);
  const user: UserRecord = {
    id: github.store.nextId(),
    login,
    name,
    type: login.endsWith("[bot]") ? "Bot" : "User",
    token: newUserToken(),
    createdAt: timestamp(github),
  };
  github.store.directory.users.push(user);
  github.store.changed("directory");
  return user;
}
