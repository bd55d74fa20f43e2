// Stands for what a real service compiles or bundles: the same work for the same files, on all processors, of a length
// that does not depend on the network. Its text comes from the files around it, so any change of them does it all anew.
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants } from "node:zlib";

const { units } = JSON.parse(readFileSync("compile.json", "utf8"));
const compress = promisify(brotliCompress);
const params = { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY };

const sources = readdirSync(".", { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();
const seed = createHash("sha256");
for (const source of sources) seed.update(`${source}\0`).update(readFileSync(source));
const edition = seed.digest("hex");

/** 200 kB that compress to half, which takes a processor a little more than 0.1 s. */
function unit(number) {
  const line = (each) => createHash("sha512").update(`${edition}/${number}/${each}`).digest("hex");
  return Buffer.from(Array.from({ length: 1_560 }, (_, each) => line(each)).join("\n"));
}

const digests = await Promise.all(
  Array.from({ length: units }, async (_, number) => {
    const compiled = await compress(unit(number), { params });
    return createHash("sha256").update(compiled).digest("hex");
  }),
);
mkdirSync("compiled");
writeFileSync("compiled/digests.txt", `${digests.join("\n")}\n`);
