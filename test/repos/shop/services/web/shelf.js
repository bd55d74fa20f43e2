/** What the shop's API says, or undefined when it does not answer in time. */
export async function readShelf(api) {
  const [products, orders] = await Promise.all([ask(`${api}/products`), ask(`${api}/orders?limit=8`)]);
  return products === undefined || orders === undefined ? undefined : { products, orders };
}

async function ask(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(3000) });
    return response.ok ? await response.json() : undefined;
  } catch {
    return undefined;
  }
}

/** Sends an order to the API; `{order}` if it was taken, else `{status, problem}`. */
export async function sendOrder(api, order) {
  try {
    const response = await fetch(`${api}/orders`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(order),
      signal: AbortSignal.timeout(5000),
    });
    const answer = await response.json();
    return response.ok ? { order: answer } : { status: response.status, problem: answer.error };
  } catch {
    return { status: 503, problem: "The shop cannot take orders at the moment." };
  }
}
