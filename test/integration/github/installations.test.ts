import { afterEach, beforeEach, expect, test } from "vitest";
import { shop, startWorld, type World } from "./world.ts";

let world: World;
const repository = { owner: "maintainer", repo: "shop" };

beforeEach(async () => {
  world = await startWorld();
  await shop(world);
});

afterEach(() => world.close());

async function only(): Promise<number> {
  const { data } = await world.app.rest.apps.listInstallations();
  expect(data).toMatchObject([{ account: { login: "maintainer" }, suspended_at: null, suspended_by: null }]);
  return data[0]?.id ?? 0;
}

test("are listed, one page at a time", async () => {
  await only();
  await world.as("author").rest.repos.createForAuthenticatedUser({ name: "theirs" });
  const first = await world.app.rest.apps.listInstallations({ per_page: 1 });
  expect(first.headers.link).toMatch(/page=2>; rel="next"/);
  expect(await world.app.paginate(world.app.rest.apps.listInstallations, { per_page: 1 })).toHaveLength(2);
});

test("a suspended one can do nothing and is told of nothing, until it may go on", async () => {
  const installation_id = await only();
  const app = await world.installation();
  await app.rest.repos.get(repository);
  await world.app.rest.apps.suspendInstallation({ installation_id });
  await world.receiver.next("installation", "suspend");
  expect((await world.app.rest.apps.getInstallation({ installation_id })).data).toMatchObject({
    suspended_at: expect.any(String),
    suspended_by: { login: "maintainer" },
  });
  const refused = { status: 403, message: expect.stringContaining("suspended") };
  await expect(app.rest.repos.get(repository)).rejects.toMatchObject(refused);
  await expect((await world.installation()).rest.repos.get(repository)).rejects.toMatchObject(refused);
  const known = world.hub.github.webhooks.deliveries.list().length;
  await world.as("author").rest.issues.create({ ...repository, title: "Unheard" });
  expect(world.hub.github.webhooks.deliveries.list()).toHaveLength(known);
  await world.app.rest.apps.unsuspendInstallation({ installation_id });
  await world.receiver.next("installation", "unsuspend");
  await app.rest.repos.get(repository);
});

test("one that was removed is gone, and so are its tokens", async () => {
  const installation_id = await only();
  const app = await world.installation();
  await app.rest.repos.get(repository);
  await world.app.rest.apps.deleteInstallation({ installation_id });
  await world.receiver.next("installation", "deleted");
  expect((await world.app.rest.apps.listInstallations()).data).toEqual([]);
  await expect(app.rest.repos.get(repository)).rejects.toMatchObject({ status: 401 });
});

test("a repository is taken out and put back by its owner alone", async () => {
  const installation_id = await only();
  const { data } = await world.as("maintainer").rest.repos.get(repository);
  const which = { installation_id, repository_id: data.id };
  const theirs = world.as("author").rest.apps.removeRepoFromInstallationForAuthenticatedUser(which);
  await expect(theirs).rejects.toMatchObject({ status: 404 });
  const listed = async () => (await (await world.installation()).rest.apps.listReposAccessibleToInstallation()).data;
  await world.as("maintainer").rest.apps.removeRepoFromInstallationForAuthenticatedUser(which);
  await world.receiver.next("installation_repositories", "removed");
  expect(await listed()).toMatchObject({ total_count: 0, repositories: [] });
  await world.as("maintainer").rest.apps.addRepoToInstallationForAuthenticatedUser(which);
  await world.receiver.next("installation_repositories", "added");
  expect(await listed()).toMatchObject({ total_count: 1, repositories: [{ name: "shop" }] });
});
