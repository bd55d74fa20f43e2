import type { Octokit } from "@octokit/rest";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Clone, shop, startWorld, type World } from "./world.ts";

let world: World;
let clone: Clone;
let app: Octokit;
let head: string;
const complaints: string[] = [];
const repository = { owner: "maintainer", repo: "shop" };

beforeAll(async () => {
  world = await startWorld({ complain: (message) => complaints.push(message) });
  clone = await shop(world);
  head = await clone.commit("blue", { "page.html": "blue\n" });
  await clone.git("push", "--quiet", "origin", "blue");
  await world.as("author").rest.pulls.create({ ...repository, title: "Blue", head: "blue", base: "main", body: "Why" });
  await world.as("author").rest.issues.addLabels({ ...repository, issue_number: 1, labels: ["preview"] });
  app = await world.installation();
  await app.rest.issues.createComment({ ...repository, issue_number: 1, body: "<!-- greenroom --> waiting" });
  await world.as("visitor").rest.issues.createComment({ ...repository, issue_number: 1, body: "Nice" });
});

afterAll(() => world.close());

const look = `query($owner: String!, $name: String!, $number: Int!) {
  repository(owner: $owner, name: $name) {
    databaseId
    collaborators(login: "author", first: 1) { edges { permission } }
    pullRequest(number: $number) {
      id databaseId number title body state isDraft merged mergeable url
      headRefOid headRefName baseRefOid baseRefName isCrossRepository
      headRepository { databaseId nameWithOwner }
      author { __typename login }
      labels(first: 20) { nodes { name } }
      comments(last: 1) { totalCount nodes { body viewerDidAuthor author { login } } pageInfo { hasPreviousPage } }
    }
  }
  rateLimit { cost remaining }
}`;

interface Looked {
  readonly repository: { readonly pullRequest: { readonly id: string } };
}

describe("GraphQL", () => {
  test("a file of a branch is read along, and a missing one is an error beside the rest", async () => {
    const files = `query { repository(owner: "maintainer", name: "shop") { pullRequest(number: 1) {
      baseRef { name target { oid ... on Commit { missing: file(path: "none.yaml") { type } } } }
      headRef { target { ... on Commit { page: file(path: "page.html") { path mode type object { ... on Blob { text } } } } } }
    } } }`;
    await expect(app.graphql(files)).rejects.toMatchObject({
      errors: [
        {
          type: "NOT_FOUND",
          path: ["repository", "pullRequest", "baseRef", "target", "missing"],
          message: "Could not resolve file for path 'none.yaml'.",
        },
      ],
      data: {
        repository: {
          pullRequest: {
            baseRef: { name: "main", target: { missing: null } },
            headRef: {
              target: { page: { path: "page.html", mode: 0o100644, type: "blob", object: { text: "blue\n" } } },
            },
          },
        },
      },
    });
  });

  test("one query reads the pull request, its conversation and its author's permission", async () => {
    const data = await app.graphql<Looked>(look, { owner: "maintainer", name: "shop", number: 1 });
    expect(data).toMatchObject({
      repository: {
        collaborators: { edges: [{ permission: "WRITE" }] },
        pullRequest: {
          number: 1,
          title: "Blue",
          body: "Why",
          state: "OPEN",
          isDraft: false,
          mergeable: "MERGEABLE",
          headRefOid: head,
          isCrossRepository: false,
          headRepository: { nameWithOwner: "maintainer/shop" },
          author: { __typename: "User", login: "author" },
          labels: { nodes: [{ name: "preview" }] },
          comments: {
            totalCount: 2,
            nodes: [{ body: "Nice", viewerDidAuthor: false, author: { login: "visitor" } }],
            pageInfo: { hasPreviousPage: true },
          },
        },
      },
      rateLimit: { cost: 1 },
    });
    const byId = await app.graphql(
      `query($id: ID!) { node(id: $id) { ... on PullRequest { comments(first: 1) {
        nodes { viewerDidAuthor author { __typename login } }
      } } } }`,
      { id: data.repository.pullRequest.id },
    );
    expect(byId).toMatchObject({
      node: { comments: { nodes: [{ viewerDidAuthor: true, author: { __typename: "Bot", login: "greenroom" } }] } },
    });
  });

  test("reads files at a commit", async () => {
    const data = await app.graphql(
      `query($expression: String!) { repository(owner: "maintainer", name: "shop") {
        object(expression: $expression) { ... on Blob { text isTruncated } }
      } }`,
      { expression: `${head}:page.html` },
    );
    expect(data).toMatchObject({ repository: { object: { text: "blue\n", isTruncated: false } } });
  });

  test("of several nodes, those that are there", async () => {
    const { data } = await app.rest.repos.get(repository);
    const query = "query($ids: [ID!]!) { nodes(ids: $ids) { ... on Repository { name } } }";
    const asked = app.graphql(query, { ids: [data.node_id, "R_nothing"] });
    await expect(asked).rejects.toMatchObject({
      data: { nodes: [{ name: "shop" }, null] },
      errors: [{ type: "NOT_FOUND" }],
    });
  });

  test.each([
    ["what does not exist is NOT_FOUND", `{ repository(owner: "maintainer", name: "none") { id } }`, "NOT_FOUND"],
    [
      "a number without a pull request is NOT_FOUND",
      `{ repository(owner: "maintainer", name: "shop") { pullRequest(number: 9) { id } } }`,
      "NOT_FOUND",
    ],
  ])("%s", async (_, query, type) => {
    await expect(app.graphql(query)).rejects.toMatchObject({ errors: [{ type }] });
  });

  test("a field that GitHub does not have is refused; one the stand-in does not have fails loudly", async () => {
    await expect(app.graphql(`{ viewer { shoeSize } }`)).rejects.toThrow(/Cannot query field/);
    complaints.length = 0;
    const query = `{ repository(owner: "maintainer", name: "shop") { stargazerCount } }`;
    await expect(app.graphql(query)).rejects.toMatchObject({ status: 500 });
    expect(complaints).toEqual(["the stand-in does not implement Repository.stargazerCount"]);
  });

  test("wants a token, and counts against its own budget", async () => {
    const anonymous = await fetch(`${world.hub.url}/graphql`, { method: "POST", body: "{}" });
    expect(anonymous.status).toBe(401);
    const response = await fetch(`${world.hub.url}/api/graphql`, {
      method: "POST",
      headers: { authorization: `bearer ${world.tokenOf("author")}` },
      body: JSON.stringify({ query: "{ viewer { login } }" }),
    });
    expect(await response.json()).toEqual({ data: { viewer: { login: "author" } } });
    expect(response.headers.get("x-ratelimit-resource")).toBe("graphql");
  });
});
