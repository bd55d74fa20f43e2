// Maintenance, on a machine with the open internet: `node infra/local/supply/pin-binaries.ts [official|URL]` downloads
// the releases in binaries.json that have no checksum yet and writes theirs there, for review like any other change.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { binarySource, pinMissing, pinsFile, readPins } from "./binaries.ts";
import { writeAtomically } from "./files.ts";

const stop = new AbortController();
process.on("SIGINT", () => stop.abort());
const dir = await mkdtemp(join(tmpdir(), "greenroom-pins-"));
try {
  const source = binarySource(process.argv[2] ?? "official", await readPins(pinsFile));
  const pins = await pinMissing(source, dir, (line) => console.log(line), stop.signal);
  writeAtomically(pinsFile, `${JSON.stringify(pins, null, 2)}\n`);
  console.log(`${pinsFile} is complete; format it, and compare it with what the publishers say before committing.`);
} finally {
  await rm(dir, { recursive: true, force: true });
}
