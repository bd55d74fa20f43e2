/** Why an order was not taken; `status` is the HTTP status that says so. */
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export async function products(sql) {
  return sql`select id, name, description, price_cents as "priceCents", stock from products order by price_cents`;
}

export async function latestOrders(sql, limit) {
  return sql`${selectOrders(sql)} order by orders.id desc limit ${limit}`;
}

export async function findOrder(sql, id) {
  const [order] = await sql`${selectOrders(sql)} where orders.id = ${id}`;
  return order;
}

/** Takes the stock and places the order in one step, so that nobody buys what somebody else just bought. */
export async function placeOrder(sql, request) {
  const { product, quantity, customer } = checked(request);
  return sql.begin(async (transaction) => {
    const [found] = await transaction`select name, stock from products where id = ${product} for update`;
    if (found === undefined) throw new Refused(404, `There is no product “${product}”.`);
    if (found.stock < quantity) throw new Refused(409, `Only ${found.stock} left of “${found.name}”.`);
    await transaction`update products set stock = stock - ${quantity} where id = ${product}`;
    const [placed] = await transaction`
      insert into orders (product_id, quantity, customer) values (${product}, ${quantity}, ${customer}) returning id`;
    return findOrder(transaction, placed.id);
  });
}

function selectOrders(sql) {
  return sql`
    select orders.id, product_id as product, name, quantity, customer, status, stock,
           placed_at as "placedAt", shipped_at as "shippedAt"
    from orders join products on products.id = product_id`;
}

function checked({ product, quantity, customer }) {
  if (typeof product !== "string" || product === "") throw new Refused(400, "Which product?");
  if (!Number.isInteger(quantity) || quantity < 1 || quantity > 20) throw new Refused(400, "One to twenty pieces, please.");
  if (typeof customer !== "string") throw new Refused(400, "Who is it for?");
  const name = customer.trim();
  if (name === "" || name.length > 40) throw new Refused(400, "A name of 1 to 40 letters, please.");
  return { product, quantity, customer: name };
}
