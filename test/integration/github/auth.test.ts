import { createPrivateKey } from "node:crypto";
import { readFileSync } from "node:fs";
import { createAppAuth } from "@octokit/auth-app";
import { Octokit } from "@octokit/rest";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cloneOf, gitAs, shop, startWorld, type World } from "./world.ts";

let world: World;
let now = new Date();

beforeAll(async () => {
  world = await startWorld({ now: () => now });
  await shop(world);
  await shop(world, "secret", true);
});

afterAll(() => world.close());

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

function withToken(auth: string): Octokit {
  return new Octokit({ baseUrl: world.hub.apiUrl, auth, log: silent });
}

async function installationToken(options: Record<string, unknown> = {}): Promise<string> {
  const { data: installation } = await world.app.rest.apps.getUserInstallation({ username: "maintainer" });
  const { data } = await world.app.rest.apps.createInstallationAccessToken({
    installation_id: installation.id,
    ...options,
  });
  return data.token;
}

async function appJwt(claims: Record<string, unknown>): Promise<string> {
  const key = createPrivateKey(readFileSync(world.hub.privateKeyPath));
  return new SignJWT(claims).setProtectedHeader({ alg: "RS256" }).sign(key);
}

describe("the app", () => {
  test("is who its key says", async () => {
    const { data } = await world.app.rest.apps.getAuthenticated();
    expect(data).toMatchObject({ slug: "greenroom", permissions: { contents: "read", pull_requests: "write" } });
  });

  test.each([
    ["lives too long", { lifetime: 660, issued: 0, issuer: undefined }, 401, /too far in the future/],
    ["is issued in the future", { lifetime: 300, issued: 120, issuer: undefined }, 401, /Issued at/],
    ["is expired", { lifetime: -1, issued: -60, issuer: undefined }, 401, /Expiration time/],
    ["names another app", { lifetime: 300, issued: 0, issuer: "999" }, 404, /Integration not found/],
  ])("is refused when its JWT %s", async (_, { lifetime, issued, issuer }, status, message) => {
    const seconds = Math.floor(now.getTime() / 1000);
    const iss = issuer ?? String(world.hub.appId);
    const jwt = await appJwt({ iss, iat: seconds + issued, exp: seconds + lifetime });
    const call = withToken(jwt).request("GET /app", { headers: { authorization: `Bearer ${jwt}` } });
    await expect(call).rejects.toMatchObject({ status, message: expect.stringMatching(message) });
  });

  test("is refused when somebody else signed", async () => {
    const jwt = (await appJwt({ iss: String(world.hub.appId), iat: 0, exp: 1 })).replace(/.$/, "A");
    const call = withToken(jwt).request("GET /app", { headers: { authorization: `Bearer ${jwt.slice(0, -4)}AAAA` } });
    await expect(call).rejects.toMatchObject({ status: 401 });
  });
});

describe("installation tokens", () => {
  test("reach the repositories they were made for, and no others", async () => {
    const octokit = withToken(await installationToken({ repositories: ["shop"] }));
    const { data } = await octokit.rest.apps.listReposAccessibleToInstallation();
    expect(data.repositories.map(({ name }) => name)).toEqual(["shop"]);
    await expect(octokit.rest.repos.get({ owner: "maintainer", repo: "secret" })).rejects.toMatchObject({
      status: 404,
    });
  });

  test("may do what they were narrowed to", async () => {
    const octokit = withToken(await installationToken({ permissions: { contents: "read" } }));
    const shopRepository = { owner: "maintainer", repo: "shop" };
    await octokit.rest.repos.getContent({ ...shopRepository, path: "README.md" });
    await expect(octokit.rest.pulls.list(shopRepository)).rejects.toMatchObject({
      status: 403,
      message: expect.stringMatching(/Resource not accessible by integration/),
    });
  });

  test("cannot be made for more than the installation has", async () => {
    await expect(installationToken({ permissions: { contents: "write" } })).rejects.toMatchObject({ status: 422 });
    await expect(installationToken({ repositories: ["elsewhere"] })).rejects.toMatchObject({ status: 422 });
  });

  test("expire after an hour, for the API and for git", async () => {
    const token = await installationToken();
    const remote = `${world.hub.url}/maintainer/secret.git`;
    expect(await gitAs(token)(world.folder, "ls-remote", remote, "main")).toMatch(/refs\/heads\/main/);
    const before = now;
    now = new Date(now.getTime() + 3_601_000);
    const call = withToken(token).rest.repos.get({ owner: "maintainer", repo: "shop" });
    await expect(call).rejects.toMatchObject({ status: 401, message: expect.stringMatching(/^Bad credentials/) });
    await expect(gitAs(token)(world.folder, "ls-remote", remote)).rejects.toThrow(/401|could not read/);
    now = before;
  });

  test("work through auth-app, which caches them", async () => {
    const { data: installation } = await world.app.rest.apps.getUserInstallation({ username: "maintainer" });
    const auth = {
      appId: world.hub.appId,
      privateKey: readFileSync(world.hub.privateKeyPath, "utf8"),
      installationId: installation.id,
    };
    const octokit = new Octokit({ baseUrl: world.hub.apiUrl, authStrategy: createAppAuth, auth, log: silent });
    const minted = () => world.hub.calls().filter(({ route }) => route.endsWith("/access_tokens")).length;
    const before = minted();
    await octokit.rest.repos.get({ owner: "maintainer", repo: "secret" });
    await octokit.rest.repos.get({ owner: "maintainer", repo: "shop" });
    expect(minted()).toBe(before + 1);
  });
});

async function advertised(url: string, authorization?: string): Promise<number> {
  const headers = authorization === undefined ? {} : { authorization };
  return (await fetch(`${url}/info/refs?service=git-upload-pack`, { headers })).status;
}

describe("git", () => {
  test("asks for a token where a repository is private, and refuses a wrong one everywhere", async () => {
    const secret = `${world.hub.url}/maintainer/secret.git`;
    const open = `${world.hub.url}/maintainer/shop.git`;
    const wrong = `Basic ${Buffer.from("x-access-token:ghs_wrong").toString("base64")}`;
    expect(await advertised(open)).toBe(200);
    expect(await advertised(secret)).toBe(401);
    expect(await advertised(open, wrong)).toBe(401);
    expect(await advertised(secret, wrong)).toBe(401);
  });

  test("lets an installation read and not push, a visitor read and not push", async () => {
    const push = ["push", "--quiet", `${world.hub.url}/maintainer/shop.git`, "HEAD:refs/heads/mine"];
    const token = await installationToken();
    const clone = await cloneOf(world, "maintainer/shop", "visitor");
    await expect(gitAs(token)(clone.path, ...push)).rejects.toThrow(/403|not accessible/);
    await expect(gitAs(world.tokenOf("visitor"))(clone.path, ...push)).rejects.toThrow(/403|denied/);
    await gitAs(world.tokenOf("author"))(clone.path, ...push);
  });

  test("serves single commits without their blobs, and refuses to write refs/pull", async () => {
    const clone = await cloneOf(world, "maintainer/shop", "author");
    const sha = await clone.git("rev-parse", "HEAD");
    const bare = `${clone.path}-bare`;
    const git = gitAs(await installationToken());
    await git(world.folder, "init", "--quiet", "--bare", bare);
    await git(bare, "fetch", "--quiet", "--depth=1", "--filter=blob:none", `${world.hub.url}/maintainer/shop.git`, sha);
    expect(await git(bare, "cat-file", "-t", sha)).toBe("commit");
    expect(await git(bare, "rev-list", "--objects", "--missing=print", "FETCH_HEAD")).toMatch(/^\?[0-9a-f]{40}$/m);
    await expect(clone.git("push", "origin", "HEAD:refs/pull/7/head")).rejects.toThrow(/hidden ref/);
  });
});
