import { createActivity } from "../src/gateway/activity.ts";
import { createDialer } from "../src/gateway/dial.ts";
import { followPreviews } from "../src/gateway/preview-index.ts";
import { createGateway } from "../src/gateway/server.ts";
import type { Log } from "../src/ports/log.ts";
import type { Settings } from "../src/settings.ts";
import { wireGateway } from "../src/wire.ts";
import { listen } from "./listen.ts";

/** How long running requests may take to end; streams and WebSockets would not end by themselves. */
const graceMs = 5_000;

/** How often what is open for long is looked at. */
const refreshMs = 60_000;

/** Leads visitors to their previews until the returned function is called. */
export async function startGateway(settings: Settings, log: Log, lifetime: AbortSignal): Promise<() => Promise<void>> {
  const onError = (error: unknown) => log.warn({ error: String(error) }, "trouble in the gateway");
  const { records, visits, endpoints, tunnel, githubUrl } = await wireGateway(settings, lifetime, onError);
  const dialer = createDialer(tunnel === undefined ? {} : { tunnel });
  const activity = createActivity({
    visits,
    onError: (error) => log.warn({ error: String(error) }, "visits cannot be written down"),
  });
  const refreshing = setInterval(() => activity.refresh(), refreshMs);
  const gateway = createGateway({
    previews: await followPreviews(records, lifetime, onError),
    endpoints,
    dialer,
    activity,
    baseDomain: settings.GREENROOM_BASE_DOMAIN,
    scheme: settings.GREENROOM_PUBLIC_SCHEME,
    githubUrl,
    onError,
  });
  await listen(gateway.server, settings.GREENROOM_GATEWAY_LISTEN);
  log.info({ listen: settings.GREENROOM_GATEWAY_LISTEN, dial: settings.GREENROOM_GATEWAY_DIAL }, "gateway listens");
  return async () => {
    clearInterval(refreshing);
    await gateway.close(graceMs);
    await dialer.close();
  };
}
