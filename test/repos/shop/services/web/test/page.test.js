import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { frontPage, orderLine, price } from "../page.js";

const theme = JSON.parse(await readFile(new URL("../theme.json", import.meta.url), "utf8"));
const version = { pullRequest: "12", commit: "3f2a9c1deadbeef" };
const moon = { id: "moon", name: "Paper moon", description: "Hangs.", priceCents: 1250, stock: 2 };
const order = { id: 4, customer: "Ada", quantity: 2, name: "Paper moon", status: "placed" };

test("the theme is complete and its accent is a colour, not more", () => {
  assert.ok(theme.title.length > 0 && theme.tagline.length > 0);
  assert.match(theme.accent, /^#[0-9a-f]{6}$/i);
});

test("the page shows pull request, short commit, products and orders", () => {
  const page = frontPage({ theme, version, url: "", shelf: { products: [moon], orders: [order] } });
  for (const text of [theme.title, "pull request #12", ">3f2a9c1<", "€ 12.50", "2 left", "#4 Ada: 2 × Paper moon"]) {
    assert.ok(page.includes(text), text);
  }
});

test("a page without the API looks again by itself", () => {
  const page = frontPage({ theme, version, url: "", shelf: undefined });
  assert.match(page, /id="opening"/);
  assert.match(page, /http-equiv="refresh"/);
});

test("what is sold out cannot be ordered", () => {
  const page = frontPage({ theme, version, url: "", shelf: { products: [{ ...moon, stock: 0 }], orders: [] } });
  assert.match(page, /sold out/);
  assert.match(page, /<button disabled>/);
});

test("what customers write stays text", () => {
  assert.doesNotMatch(orderLine({ ...order, customer: `<img src=x onerror="alert(1)">` }), /<img/);
});

test("prices have two decimals", () => {
  assert.equal(price(1990), "€ 19.90");
});
