import { drawing } from "./drawings.js";

const entities = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text made safe for HTML, in elements and in quoted attributes. */
export function escape(text) {
  return String(text).replace(/[&<>"']/g, (character) => entities[character]);
}

/** A number of cents as people write it. */
export function price(cents) {
  return `€ ${(cents / 100).toFixed(2)}`;
}

/**
 * The front page. `shelf` is what the API has: its products and latest orders, or undefined while it does not answer;
 * `message` tells the visitor how the order went.
 */
export function frontPage({ theme, version, url, shelf, message }) {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escape(theme.title)}</title>
${url === "" ? "" : `<link rel="canonical" href="${escape(url)}">`}
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/style.css">
${shelf === undefined ? `<meta http-equiv="refresh" content="2">` : `<script type="module" src="/app.js"></script>`}
</head>
<body>
<header>
<h1>${escape(theme.title)}</h1>
<p class="tagline">${escape(theme.tagline)}</p>
${badge(version)}
</header>
<main>
${message === undefined ? "" : `<p id="message" class="${message.good ? "good" : "bad"}" role="status">${escape(message.text)}</p>`}
${shelf === undefined ? opening : shelves(shelf)}
</main>
<footer>
<button id="wave" type="button" hidden>Wave at the other visitors</button>
<span id="visitors"></span>
</footer>
</body>
</html>
`;
}

const opening = `<p id="opening">The shop is opening: its shelves cannot be reached yet. This page looks again by itself.</p>`;

function badge({ pullRequest, commit }) {
  const from = pullRequest === "" ? "" : `<span id="pull-request">pull request #${escape(pullRequest)}</span> · `;
  return `<p class="badge">${from}<code id="commit">${escape(commit === "" ? "unknown commit" : commit.slice(0, 7))}</code></p>`;
}

function shelves({ products, orders }) {
  return `<section id="products" aria-label="Products">
${products.map(card).join("\n")}
</section>
<section>
<h2>Going out</h2>
<ol id="orders">
${orders.map(orderLine).join("\n")}
</ol>
</section>`;
}

function card({ id, name, description, priceCents, stock }) {
  const soldOut = stock === 0;
  return `<article data-product="${escape(id)}">
${drawing(id)}
<h3>${escape(name)}</h3>
<p>${escape(description)}</p>
<p class="price"><strong>${price(priceCents)}</strong> <span class="stock">${soldOut ? "sold out" : `${stock} left`}</span></p>
<form method="post" action="/orders">
<input type="hidden" name="product" value="${escape(id)}">
<label>How many <input name="quantity" type="number" min="1" max="20" value="1" required></label>
<label>For <input name="customer" placeholder="Your name" maxlength="40" required></label>
<button${soldOut ? " disabled" : ""}>Order</button>
</form>
</article>`;
}

/** One order; public/app.js writes the same line when an order changes. */
export function orderLine({ id, customer, quantity, name, status }) {
  return `<li data-order="${id}" data-status="${status}"><span>#${id} ${escape(customer)}: ${quantity} × ${escape(name)}</span> <em>${status}</em></li>`;
}
