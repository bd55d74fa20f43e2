import { markMerged } from "../images/ledger.ts";
import type { Preview } from "../preview/preview.ts";
import type { World } from "./world.ts";

/** Keeps the images that ran at the end: the default branch has their content now, so others will want them. */
export async function noteMerged(
  world: Pick<World, "ledger" | "clock">,
  { spec, status }: Preview,
  signal: AbortSignal,
): Promise<void> {
  const references = (status.deployedImages ?? []).map((image) => image.replace(/@.*$/, ""));
  await world.ledger.update(spec.repository.id, (ledger) => markMerged(ledger, references, world.clock.now()), signal);
}
