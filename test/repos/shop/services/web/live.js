import { WebSocketServer } from "ws";

const pingEvery = 25_000;

/** The WebSocket at /live: how many people are here, and the waves they send each other. */
export function createLive(version) {
  const sockets = new WebSocketServer({ noServer: true, maxPayload: 1024 });
  // A connection without traffic is cut by many proxies.
  const pings = setInterval(() => {
    for (const socket of sockets.clients) socket.ping();
  }, pingEvery);

  function tellAll(message) {
    const text = JSON.stringify(message);
    for (const socket of sockets.clients) socket.send(text);
  }

  sockets.on("connection", (socket) => {
    socket.on("error", () => socket.terminate());
    socket.send(JSON.stringify({ type: "hello", ...version }));
    socket.on("message", (data) => {
      if (String(data) === "wave") tellAll({ type: "wave" });
    });
    socket.on("close", () => tellAll({ type: "visitors", visitors: sockets.clients.size }));
    tellAll({ type: "visitors", visitors: sockets.clients.size });
  });

  return {
    upgrade(request, socket, head) {
      if (new URL(request.url, "http://web").pathname !== "/live") return socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
      sockets.handleUpgrade(request, socket, head, (accepted) => sockets.emit("connection", accepted, request));
    },
    close() {
      clearInterval(pings);
      for (const socket of sockets.clients) socket.close(1001, "restarting");
    },
  };
}
