import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import type { StepReport } from "./board-writer.ts";
import { runCommand } from "./command.ts";

const fileSchema = z.object({
  /** Host and path at the publisher's; a mirror has the same below its own URL. */
  path: z.string(),
  /** null: nobody has pinned it yet, so it is not used. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullable(),
  /** The program inside the archive; null: the file is the program. */
  member: z.string().nullable(),
});
const releaseSchema = z.object({
  versions: z.record(z.string(), z.string()),
  /** Name of a script that calls the others by its first argument, as our own multi-call program does. */
  dispatcher: z.string().nullable(),
  files: z.record(z.string(), z.array(fileSchema)),
});
const pinsSchema = z.record(z.string(), releaseSchema);

type ReleaseFile = z.infer<typeof fileSchema>;
/** Official releases by our programs' names, with checksums. */
export type Pins = z.infer<typeof pinsSchema>;

/** The releases this version of the lab knows. */
export const pinsFile = join(import.meta.dirname, "binaries.json");

/** Read and check a file of pins. */
export async function readPins(file: string): Promise<Pins> {
  return pinsSchema.parse(JSON.parse(await readFile(file, "utf8")));
}

/** Where releases come from: the publishers themselves, or a mirror of them. */
export type BinarySource = { readonly url: string; readonly pins: Pins };

/** A source from what a person wrote: `official`, or a mirror's URL. */
export function binarySource(text: string, pins: Pins): BinarySource {
  if (text === "official") return { url: "https://", pins };
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    throw new Error(`"${text}" is neither "official" nor the http(s) URL of a mirror.`);
  }
  return { url: url.href.endsWith("/") ? url.href : `${url.href}/`, pins };
}

/** What was downloaded is not what was pinned. */
export class ChecksumMismatch extends Error {
  constructor(url: string, found: string, pinned: string) {
    super(`${url} has the sha256 ${found}, and ${pinned} is pinned: it is not used.`);
    this.name = "ChecksumMismatch";
  }
}

/** Why a release cannot be had; compiling can still help. */
class Unavailable extends Error {}

async function fetchFile(url: string, file: string, signal: AbortSignal): Promise<void> {
  const response = await fetch(url, { signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw new Unavailable(`${url} cannot be reached`, { cause: error });
  });
  if (!response.ok || response.body === null) throw new Unavailable(`${url} answers ${response.status}`);
  await pipeline(Readable.fromWeb(response.body), createWriteStream(file), { signal });
}

async function sha256(file: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest("hex");
}

/** The programs of one downloaded file, put into the folder. */
async function place(file: ReleaseFile, downloaded: string, dir: string, signal: AbortSignal): Promise<void> {
  const target = join(dir, basename(file.member ?? file.path));
  if (file.member === null) await rename(downloaded, target);
  else {
    const unpacked = `${downloaded}.unpacked`;
    await runCommand("mkdir", [unpacked], { signal, timeoutSeconds: 10 });
    await runCommand("tar", ["-xzf", downloaded, "-C", unpacked, file.member], { signal, timeoutSeconds: 120 });
    await rename(join(unpacked, file.member), target);
    await rm(unpacked, { recursive: true });
  }
  await chmod(target, 0o755);
}

const dispatcherScript = `#!/bin/sh
component=$1
shift
exec "$(dirname "$(readlink -f "$0")")/$component" "$@"
`;

/**
 * Download a program's official release into a folder. Answers null when it was put there, else why compiling has to
 * do; throws ChecksumMismatch for a file that is not the pinned one.
 */
export async function downloadProgram(
  name: string,
  arch: string,
  dir: string,
  source: BinarySource,
  options: { readonly report: StepReport; readonly signal: AbortSignal },
): Promise<string | null> {
  const release = source.pins[name];
  const files = release?.files[arch];
  if (release === undefined || files === undefined) return `no release of ${name} is known for ${arch}`;
  const unpinned = files.find((file) => file.sha256 === null);
  if (unpinned !== undefined) return `no checksum is pinned for ${unpinned.path}`;
  try {
    for (const [index, file] of files.entries()) {
      const url = `${source.url}${file.path}`;
      const downloaded = join(dir, `.download-${index}`);
      options.report.detail(`downloading ${url}`);
      options.report.fraction(index / files.length);
      await fetchFile(url, downloaded, options.signal);
      const found = await sha256(downloaded);
      if (found !== file.sha256) throw new ChecksumMismatch(url, found, file.sha256 ?? "");
      await place(file, downloaded, dir, options.signal);
      await rm(downloaded, { force: true });
    }
  } catch (error) {
    if (error instanceof Unavailable) return error.message;
    throw error;
  }
  if (release.dispatcher !== null) await writeFile(join(dir, release.dispatcher), dispatcherScript, { mode: 0o755 });
  return null;
}

/** The same pins with the missing checksums filled in from what the source has now. */
export async function pinMissing(
  source: BinarySource,
  dir: string,
  say: (line: string) => void,
  signal: AbortSignal,
): Promise<Pins> {
  const known = new Map<string, string>();
  const pinned = async (file: ReleaseFile): Promise<ReleaseFile> => {
    if (file.sha256 !== null) return file;
    let digest = known.get(file.path);
    if (digest === undefined) {
      const downloaded = join(dir, "file");
      await fetchFile(`${source.url}${file.path}`, downloaded, signal);
      digest = await sha256(downloaded);
      known.set(file.path, digest);
      say(`${digest}  ${file.path}`);
    }
    return { ...file, sha256: digest };
  };
  const result: Pins = {};
  for (const [name, release] of Object.entries(source.pins)) {
    const files: Record<string, ReleaseFile[]> = {};
    for (const [arch, list] of Object.entries(release.files)) {
      files[arch] = [];
      for (const file of list) files[arch].push(await pinned(file));
    }
    result[name] = { ...release, files };
  }
  return result;
}
