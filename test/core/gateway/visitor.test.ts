import { once } from "node:events";
import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import { WebSocket, WebSocketServer } from "ws";
import { visitIntervalMs } from "../../../src/gateway/activity.ts";
import { ask, gateway, host, pod } from "./running.ts";
import { preview } from "./sample.ts";

const browser = { "user-agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0" };
const asleep = { since: "2026-01-02T00:00:00.000Z", because: "idle" as const, workloads: [] };
const sleeping = preview("12-shop", { phase: "Asleep", asleep });

describe("what counts as a visit", () => {
  test.each([
    ["a browser's page", { headers: { ...browser, "sec-fetch-mode": "navigate" } }, true],
    ["a page's request in the background", { headers: { ...browser, "sec-fetch-mode": "cors" } }, true],
    ["a program", { headers: { "user-agent": "curl/8.5.0" } }, true],
    ["a form that is sent", { method: "POST", body: "x", headers: browser }, true],
    ["whoever only asks whether it is there", { method: "HEAD", headers: browser }, false],
    ["a link's preview in a chat", { headers: { "user-agent": "Slackbot-LinkExpanding 1.0" } }, false],
    ["a monitor", { headers: { "user-agent": "Mozilla/5.0+(compatible; UptimeRobot/2.0)" } }, false],
    ["a page that is fetched just in case", { headers: { ...browser, "sec-purpose": "prefetch" } }, false],
  ])("%s", async (_, asked, counts) => {
    const web = await pod((request, response) => void request.resume().on("end", () => response.end("here")));
    const { port, visits } = await gateway([web]);
    await text(await ask(port, asked));
    expect(visits.asked.length).toBe(counts ? 1 : 0);
  });

  test("not the page that says why there is nothing", async () => {
    const { port, visits } = await gateway([]);
    expect((await ask(port, { headers: browser })).statusCode).toBe(503);
    expect(visits.asked).toEqual([]);
  });

  test("a WebSocket for as long as it is open", async () => {
    const web = await pod((_, response) => response.end());
    const sockets = new WebSocketServer({ server: web.server });
    const { port, visits, activity, clock } = await gateway([web]);
    const client = new WebSocket(`ws://127.0.0.1:${port}/`, { headers: { host } });
    await once(client, "open");
    expect(visits.asked).toHaveLength(1);
    clock.time += visitIntervalMs;
    activity.refresh();
    expect(visits.asked).toHaveLength(2);
    const [inside] = sockets.clients;
    if (inside === undefined) throw new Error("no connection inside");
    client.close();
    await once(inside, "close");
    // The gateway's own end of the connection may be a moment behind.
    await expect
      .poll(() => {
        const before = visits.asked.length;
        clock.time += visitIntervalMs;
        activity.refresh();
        return visits.asked.length - before;
      })
      .toBe(0);
    sockets.close();
  });
});

describe("a preview that sleeps", () => {
  test("wakes for a browser, which sees a page that turns into it", async () => {
    const { port, visits } = await gateway([], sleeping);
    const response = await ask(port, { headers: { ...browser, "sec-fetch-mode": "navigate", accept: "text/html" } });
    expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "2"]);
    const page = await text(response);
    expect(page).toContain("The preview is waking up");
    expect(page).toContain('http-equiv="refresh"');
    expect(visits.asked).toHaveLength(1);
  });

  test("wakes for a program, which hears when to ask again", async () => {
    const { port, visits } = await gateway([], sleeping);
    const response = await ask(port, { method: "POST", headers: { accept: "application/json" } });
    expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "2"]);
    expect(await text(response)).toContain('"code":"waking"');
    expect(visits.asked).toHaveLength(1);
  });

  test("does not wake for what a page asks in the background, for machines, or for a head", async () => {
    const { port, visits } = await gateway([], sleeping);
    for (const asked of [
      { headers: { ...browser, "sec-fetch-mode": "cors" } },
      { headers: { "user-agent": "Googlebot/2.1" } },
      { method: "HEAD", headers: browser },
    ]) {
      const response = await ask(port, asked);
      expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "60"]);
    }
    expect(visits.asked).toEqual([]);
  });

  test("tells others that it wakes once somebody has come", async () => {
    const { port, visits } = await gateway(
      [],
      preview("12-shop", { phase: "Asleep", asleep, lastVisitAt: "2026-01-02T00:00:00.001Z" }),
    );
    expect(await text(await ask(port, { headers: { accept: "application/json" } }))).toContain('"code":"waking"');
    expect(visits.asked).toEqual([]);
  });
});
