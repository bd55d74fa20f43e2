import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { gunzipSync } from "node:zlib";
import { git, gitEnvironment } from "./run.ts";

export type GitService = "git-upload-pack" | "git-receive-pack";

/** The service a request is for, or undefined where it is none of git's two. */
export function gitService(name: string | null | undefined): GitService | undefined {
  return name === "git-upload-pack" || name === "git-receive-pack" ? name : undefined;
}

const uncached = { "cache-control": "no-cache, max-age=0, must-revalidate" };

/** Tells a client which refs there are. */
export async function advertise(path: string, service: GitService, protocol: string | undefined): Promise<Response> {
  const { bytes } = await git(
    path,
    [service.slice("git-".length), "--stateless-rpc", "--http-backend-info-refs", "."],
    { environment: protocolEnvironment(protocol) },
  );
  // From version 2 on, the answer begins with the protocol itself.
  const announcement = Buffer.from(`${packetLine(`# service=${service}\n`)}0000`);
  const body =
    protocol?.includes("version=2") === true && service === "git-upload-pack"
      ? bytes
      : Buffer.concat([announcement, bytes]);
  return new Response(body, { headers: { ...uncached, "content-type": `application/x-${service}-advertisement` } });
}

/** Sends a client the objects it asks for, as git produces them. */
export function uploadPack(path: string, body: Buffer, protocol: string | undefined, signal: AbortSignal): Response {
  const child = spawn("git", ["upload-pack", "--stateless-rpc", "."], {
    cwd: path,
    env: { ...gitEnvironment, ...protocolEnvironment(protocol) },
    stdio: ["pipe", "pipe", "ignore"],
    signal,
  });
  child.once("error", () => child.stdout.destroy());
  child.stdin.on("error", () => undefined);
  child.stdin.end(body);
  return new Response(Readable.toWeb(child.stdout) as ReadableStream, {
    headers: { ...uncached, "content-type": "application/x-git-upload-pack-result" },
  });
}

/** Takes what a client pushes, and answers once git has written it. */
export async function receivePack(path: string, body: Buffer, protocol: string | undefined): Promise<Response> {
  const { bytes } = await git(path, ["receive-pack", "--stateless-rpc", "."], {
    input: body,
    environment: protocolEnvironment(protocol),
    accept: [0, 1, 128],
  });
  return new Response(bytes, {
    headers: { ...uncached, "content-type": "application/x-git-receive-pack-result" },
  });
}

/** A request's body, unpacked: git compresses long lists of what it has. */
export async function requestBody(request: Request): Promise<Buffer> {
  const body = Buffer.from(await request.arrayBuffer());
  return request.headers.get("content-encoding") === "gzip" ? gunzipSync(body) : body;
}

function protocolEnvironment(protocol: string | undefined): Record<string, string> {
  return protocol === undefined ? {} : { GIT_PROTOCOL: protocol };
}

function packetLine(text: string): string {
  return (text.length + 4).toString(16).padStart(4, "0") + text;
}
