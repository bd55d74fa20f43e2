// Bare repositories behind git's own HTTP server, with a password, as GitHub serves them.
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A file's text, or what else may be in a commit. */
export type TestFile = string | { text: string; executable: true } | { link: string } | { submodule: string };
export type TestFiles = Record<string, TestFile>;

export type GitRequest = { url: string; headers: IncomingMessage["headers"] };

export type GitServer = {
  username: string;
  password: string;
  requests: GitRequest[];
  url(repositoryId: number): string;
  /** Path of the bare repository. */
  directory(repositoryId: number): string;
  /** Writes a commit without a parent to the repository's branch and returns its id. */
  commit(repositoryId: number, files: TestFiles): string;
  close(): Promise<void>;
};

const env = {
  PATH: process.env["PATH"] ?? "",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  HOME: "/nonexistent",
};

export function git(directory: string, args: string[], input: string | Buffer = ""): string {
  return execFileSync("git", args, { cwd: directory, env, input, encoding: "utf8", stdio: ["pipe", "pipe", "pipe"] });
}

function fastImport(files: TestFiles): string {
  const changes = Object.entries(files).map(([path, file]) => {
    const name = JSON.stringify(path);
    if (typeof file === "object" && "submodule" in file) return `M 160000 ${file.submodule} ${name}\n`;
    const [mode, text] =
      typeof file === "string" ? ["100644", file] : "link" in file ? ["120000", file.link] : ["100755", file.text];
    return `M ${mode} inline ${name}\ndata ${Buffer.byteLength(text)}\n${text}\n`;
  });
  const now = 1_700_000_000;
  return `commit refs/heads/main\ncommitter Test <test@example.com> ${now} +0000\ndata 4\ntest\ndeleteall\n${changes.join("")}\n`;
}

export function commitFiles(directory: string, files: TestFiles): string {
  git(directory, ["update-ref", "-d", "refs/heads/main"]);
  git(directory, ["fast-import", "--quiet", "--force"], fastImport(files));
  return git(directory, ["rev-parse", "refs/heads/main"]).trim();
}

export async function startGitServer(): Promise<GitServer> {
  const root = mkdtempSync(join(tmpdir(), "greenroom-git-server-"));
  const [username, password] = ["x-access-token", "a-secret-token"];
  const requests: GitRequest[] = [];
  const server = createServer((request, response) => {
    requests.push({ url: request.url ?? "", headers: request.headers });
    const expected = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
    if (request.headers.authorization !== expected) {
      response.writeHead(401, { "www-authenticate": "Basic" }).end();
      return;
    }
    serve(root, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;

  const directory = (repositoryId: number) => join(root, `${repositoryId}.git`);
  return {
    username,
    password,
    requests,
    directory,
    url: (repositoryId) => `http://127.0.0.1:${port}/${repositoryId}.git`,
    commit(repositoryId, files) {
      mkdirSync(directory(repositoryId), { recursive: true });
      git(directory(repositoryId), ["init", "--quiet", "--bare", "--initial-branch=main"]);
      git(directory(repositoryId), ["config", "uploadpack.allowFilter", "true"]);
      return commitFiles(directory(repositoryId), files);
    },
    async close() {
      await new Promise((resolve) => server.close(resolve));
      rmSync(root, { recursive: true });
    },
  };
}

/** One request by CGI. */
function serve(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? "/", "http://localhost");
  const child = spawn("git", ["http-backend"], {
    env: {
      ...env,
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: "1",
      GIT_PROTOCOL: String(request.headers["git-protocol"] ?? ""),
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      REQUEST_METHOD: request.method ?? "GET",
      CONTENT_TYPE: request.headers["content-type"] ?? "",
      HTTP_CONTENT_ENCODING: request.headers["content-encoding"] ?? "",
    },
    stdio: ["pipe", "pipe", "ignore"],
  });
  request.pipe(child.stdin);
  child.stdin.on("error", () => undefined);
  let head = Buffer.alloc(0);
  let started = false;
  child.stdout.on("data", (chunk: Buffer) => {
    if (started) {
      response.write(chunk);
      return;
    }
    head = Buffer.concat([head, chunk]);
    const end = head.indexOf("\r\n\r\n");
    if (end === -1) return;
    started = true;
    const headers = new Map(
      head
        .subarray(0, end)
        .toString()
        .split("\r\n")
        .map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()] as const),
    );
    const status = Number((headers.get("Status") ?? "200").split(" ")[0]);
    headers.delete("Status");
    response.writeHead(status, Object.fromEntries(headers));
    response.write(head.subarray(end + 4));
  });
  child.stdout.on("end", () => response.end());
}
