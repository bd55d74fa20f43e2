import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { z } from "zod";
import { type PullRequestRef, readyAt, urlIn, waitForComment } from "../../infra/local/demo/conversation.ts";
import { kubectlJson } from "../../infra/local/demo/leftovers.ts";
import { askPreview, followEvents, gatewayAddress, postForm } from "../../infra/local/demo/preview-page.ts";
import { waitFor } from "../../infra/local/demo/wait-for.ts";
import { pullSecretName } from "../../src/objects/our-names.ts";
import { basicAuthorization, credentialsFor } from "../../src/adapters/oci/docker-config.ts";
import { runningLab, type Stage, stage, visit } from "./stage.ts";

const list = z.object({
  items: z.array(
    z.object({
      kind: z.string(),
      metadata: z.object({ name: z.string(), labels: z.record(z.string(), z.string()).optional() }),
      spec: z.looseObject({}).optional(),
    }),
  ),
});

describe("the shop: three services, a database, a migration", () => {
  let shop: Stage;
  let pr: PullRequestRef;
  let url: string;
  let namespace: string;

  beforeAll(async () => {
    shop = await stage(await runningLab(), "shop");
    pr = await shop.propose("orders", "Orders", async () => undefined);
    const comment = await waitForComment(shop.owner, pr, "ready", readyAt(pr.head), 150);
    url = urlIn(comment);
    namespace = `preview-${new URL(url).hostname.split(".")[0]}`;
  });
  afterAll(async () => {
    await shop.close(pr);
    await shop.clone.dispose();
  });

  test("values of this pull request reach the page", async () => {
    expect(JSON.parse(await visit(url, pr.head, "/version"))).toMatchObject({
      pullRequest: String(pr.number),
      commit: pr.head,
    });
  });

  test("an order goes through the API into the database, and the worker ships it; streamed as it happens", async () => {
    const shipped = followEvents(url, "/events", (event) => event.includes('"shipped"'));
    const answer = await postForm(url, "/orders", {
      product: "moon",
      quantity: "1",
      customer: randomBytes(4).toString("hex"),
    });
    expect(answer.status).toBeLessThan(400);
    expect(await shipped).toContain("shipped");
  });

  test("a WebSocket works through the gateway", async () => {
    const { host, port } = gatewayAddress(url);
    const socket = new WebSocket(`ws://${host}:${port}/live`, { headers: { host: new URL(url).host } });
    const first = await new Promise<string>((resolve, reject) => {
      socket.once("message", (data: Buffer) => resolve(data.toString("utf8")));
      socket.once("error", reject);
    });
    socket.close();
    expect(JSON.parse(first)).toMatchObject({ type: "hello", pullRequest: String(pr.number) });
  });

  test("what the chart brings is there, and what the kit brings around it", async () => {
    const kinds =
      "deployments,statefulsets,services,configmaps,cronjobs,persistentvolumeclaims,networkpolicies,resourcequotas,limitranges";
    const { items } = await kubectlJson(shop.lab, ["get", kinds, "-n", namespace], list);
    const names = items.map((item) => `${item.kind}/${item.metadata.name}`);
    expect(names).toEqual(
      expect.arrayContaining([
        "Deployment/shop-web",
        "Deployment/shop-api",
        "Deployment/shop-worker",
        "StatefulSet/shop-database",
        "Service/shop-web",
        "CronJob/shop-cleanup",
        "NetworkPolicy/greenroom",
        "ResourceQuota/greenroom",
        "LimitRange/greenroom",
      ]),
    );
  });

  test("what its pods pull with cannot push", async () => {
    const get = ["get", "secret", pullSecretName, "-n", namespace];
    const secret = await kubectlJson(shop.lab, get, z.object({ data: z.record(z.string(), z.string()) }));
    const config = Buffer.from(secret.data[".dockerconfigjson"] ?? "", "base64").toString();
    const credentials = credentialsFor(shop.lab.registry, config);
    if (credentials === undefined) throw new Error("no credentials for the registry");
    const ask = async (method: string, path: string) => {
      const headers = { authorization: basicAuthorization(credentials) };
      return (await fetch(`http://${shop.lab.registry}/v2/${path}`, { method, headers })).status;
    };
    expect(await ask("GET", "")).toBe(200);
    expect(await ask("POST", `greenroom/${shop.clone.repositoryId}/web/blobs/uploads/`)).toBe(403);
  });

  test("rebuild --data begins with an empty database", async () => {
    const customer = randomBytes(4).toString("hex");
    await postForm(url, "/orders", { product: "moon", quantity: "1", customer });
    expect(await visit(url, customer)).toContain(customer);
    const { owner, repo, number } = pr;
    const body = "/preview rebuild --data";
    await shop.owner.octokit.issues.createComment({ owner, repo, issue_number: number, body });
    await waitFor("a shop without that order", 120, async () => {
      const page = await askPreview(url, "/");
      const sells = page.status === 200 && page.body.includes('id="orders"');
      return sells && !page.body.includes(customer) ? true : undefined;
    });
    await waitForComment(shop.owner, pr, "ready", readyAt(pr.head), 120);
  });

  test("the namespace is labelled for Pod Security, and no account of an attempt lives in it", async () => {
    const { items } = await kubectlJson(shop.lab, ["get", "namespaces"], list);
    const own = items.find((item) => item.metadata.name === namespace);
    expect(own?.metadata.labels).toMatchObject({
      "pod-security.kubernetes.io/enforce": "baseline",
      "greenroom.dev/pull-request": String(pr.number),
    });
    const accounts = await kubectlJson(shop.lab, ["get", "serviceaccounts", "-n", namespace], list);
    expect(accounts.items.filter((item) => /-\d+$/.test(item.metadata.name))).toEqual([]);
  });
});
