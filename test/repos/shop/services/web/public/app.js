// Keeps the page up to date: orders and stock by Server-Sent Events, visitors and waves by WebSocket.
const orders = document.querySelector("#orders");
const visitors = document.querySelector("#visitors");
const wave = document.querySelector("#wave");

function showOrder({ id, customer, quantity, name, status }) {
  const line = orders.querySelector(`[data-order="${id}"]`) ?? newLine(id);
  line.dataset.status = status;
  line.querySelector("span").textContent = `#${id} ${customer}: ${quantity} × ${name}`;
  line.querySelector("em").textContent = status;
}

function newLine(id) {
  const line = document.createElement("li");
  line.dataset.order = id;
  line.append(document.createElement("span"), " ", document.createElement("em"));
  orders.prepend(line);
  while (orders.children.length > 8) orders.lastElementChild.remove();
  return line;
}

function showStock({ product, stock }) {
  const card = document.querySelector(`[data-product="${product}"]`);
  if (card === null) return;
  card.querySelector(".stock").textContent = stock === 0 ? "sold out" : `${stock} left`;
  card.querySelector("button").disabled = stock === 0;
}

function followOrders() {
  const events = new EventSource("/events");
  events.addEventListener("order", ({ data }) => {
    const order = JSON.parse(data);
    showOrder(order);
    showStock(order);
  });
  // After an answer that is no stream the browser gives up, so ask again ourselves.
  events.addEventListener("error", () => {
    if (events.readyState === EventSource.CLOSED) setTimeout(followOrders, 2000);
  });
}

const live = {
  hello: () => (wave.hidden = false),
  visitors: ({ visitors: count }) => (visitors.textContent = count === 1 ? "You have the shop to yourself." : `${count} people are in the shop.`),
  wave: () => wave.animate([{ rotate: "0deg" }, { rotate: "-6deg" }, { rotate: "6deg" }, { rotate: "0deg" }], 400),
};

function goLive() {
  const socket = new WebSocket(new URL("/live", location.href.replace(/^http/, "ws")));
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    live[message.type]?.(message);
  });
  socket.addEventListener("close", () => setTimeout(goLive, 2000));
  wave.onclick = () => socket.send("wave");
}

followOrders();
goLive();
