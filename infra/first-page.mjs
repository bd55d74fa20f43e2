// A page where the stand-in GitHub will be, from the first second: while the dependencies are installed nothing else of
// the lab can run yet. It has no dependencies, lives in the process that waits for npm, and ends before the lab begins.
import { createServer } from "node:http";

/** Where the stand-in listens, moved as the lab's command is told to. */
export function standInPort(args) {
  const [, value] = /(?:^|\0)--port-offset[=\0](\d+)/.exec(args.join("\0")) ?? [];
  return 4000 + Number(value ?? 0);
}

/** Whether this command brings the lab up, so that somebody may want to watch. */
export function bringsUpLab(script, args) {
  return script === "infra/local/demo/main.ts" || (script === "infra/local/lab/main.ts" && args[0] === "up");
}

/** Serves the page; answers how to end it, or undefined where the port is not free: then nobody gets a page. */
export function openFirstPage(port) {
  const began = Date.now();
  const server = createServer((_, response) => {
    const seconds = Math.round((Date.now() - began) / 1000);
    // Not there yet: who asks for something else than a page has to come again.
    response.writeHead(503, { "content-type": "text/html; charset=utf-8", "retry-after": "5", connection: "close" });
    response.end(page(seconds));
  });
  const close = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return new Promise((resolve) => {
    server.once("error", () => resolve(undefined));
    server.listen(port, "127.0.0.1", () => resolve(close));
  });
}

/** The page looks every second, also while nobody answers between this server's end and the stand-in's beginning. */
function page(seconds) {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>The lab</title>
<link rel="icon" href="data:,">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem; color: #1f2328; background: #fff; }
li { margin: .4rem 0; color: #59636e; }
li.now { color: inherit; font-weight: 600; }
@media (prefers-color-scheme: dark) { body { color: #f0f6fc; background: #0d1117; } li { color: #9198a1; } }
</style>
<h1>The lab</h1>
<ol>
<li class="now" data-testid="now">Installing what package-lock.json names (npm ci): <span id="seconds">${seconds}</span> s, usually less than a minute
<li>The stand-in GitHub, which shows the rest from here on
<li>Debian packages, BuildKit, base images, Kubernetes, Greenroom
</ol>
<p>This page turns into the build board by itself.</p>
<script>
const began = Date.now() - ${seconds} * 1000;
setInterval(async () => {
  document.getElementById("seconds").textContent = Math.round((Date.now() - began) / 1000);
  const answer = await fetch("/-/lab", { cache: "no-store" }).catch(() => undefined);
  if (answer?.ok) location.replace("/-/lab");
}, 1000);
</script>
`;
}
