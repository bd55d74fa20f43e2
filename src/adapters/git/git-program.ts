import type { GitAccess } from "../../ports/pull-requests.ts";
import { type ProgramOptions, type ProgramResult, runProgram } from "../run-program.ts";

/** Everything that keeps git from running, fetching or converting what the repository asks for. */
const hardening: Record<string, string> = {
  "protocol.version": "2",
  "protocol.allow": "never",
  "protocol.http.allow": "always",
  "protocol.https.allow": "always",
  "http.followRedirects": "false",
  "http.lowSpeedLimit": "1000",
  "http.lowSpeedTime": "30",
  "credential.helper": "",
  "core.askPass": "",
  "core.hooksPath": "/dev/null",
  "core.attributesFile": "/dev/null",
  "core.fsmonitor": "false",
  "core.autocrlf": "false",
  "core.symlinks": "true",
  "core.fileMode": "true",
  "core.protectHFS": "true",
  "core.protectNTFS": "true",
  "submodule.recurse": "false",
  "fetch.recurseSubmodules": "false",
  "fetch.fsckObjects": "true",
  // One pack for each fetch instead of a file for each object, of which each would have to reach the disk by itself.
  "fetch.unpackLimit": "1",
  // Old or careless tools wrote such commits; they are odd, not dangerous.
  "fetch.fsck.badTimezone": "ignore",
  "fetch.fsck.badEmail": "ignore",
  "fetch.fsck.missingEmail": "ignore",
  "fetch.fsck.missingNameBeforeEmail": "ignore",
  "fetch.fsck.missingSpaceBeforeDate": "ignore",
  "fetch.fsck.missingSpaceBeforeEmail": "ignore",
  "fetch.fsck.zeroPaddedDate": "ignore",
  "fetch.fsck.zeroPaddedFilemode": "ignore",
  "gc.auto": "0",
  "maintenance.auto": "false",
};

export type GitProgramOptions = {
  /** Variables for proxies and certificates that git may see besides its own. */
  environment: Record<string, string>;
  /** Lets tests fetch from a folder. */
  allowFileProtocol?: boolean;
  deadlineMs: number;
  /** Largest file that git may write, packs included. */
  maxFileBytes: number;
};

export type GitCall = {
  gitDirectory?: string;
  workTree?: string;
  indexFile?: string;
  /** Given only where git talks to the remote; it then is the remote `origin`. */
  access?: GitAccess;
  input?: string;
  maxOutputBytes?: number;
  stdoutEncoding?: ProgramOptions["stdoutEncoding"];
};

/** Runs one git command. Its exit code is the caller's to judge. */
export type Git = (args: readonly string[], call: GitCall, signal: AbortSignal) => Promise<ProgramResult>;

/** The remote and its credentials, as configuration that exists only in the environment of one command. */
function remoteConfiguration(access: GitAccess): Record<string, string> {
  const { origin } = new URL(access.url);
  const basic = Buffer.from(`${access.username}:${access.password}`).toString("base64");
  return {
    "remote.origin.url": access.url,
    ...(access.password === "" || origin === "null"
      ? {}
      : { [`http.${origin}/.extraHeader`]: `Authorization: Basic ${basic}` }),
  };
}

export function createGit(options: GitProgramOptions): Git {
  return (args, call, signal) => {
    const configuration = Object.entries({
      ...hardening,
      ...(options.allowFileProtocol === true ? { "protocol.file.allow": "always" } : {}),
      ...(call.access === undefined ? {} : remoteConfiguration(call.access)),
    });
    const env: Record<string, string> = {
      ...options.environment,
      PATH: process.env["PATH"] ?? "/usr/bin:/bin",
      HOME: "/nonexistent",
      LC_ALL: "C",
      GIT_CONFIG_NOSYSTEM: "1",
      GIT_CONFIG_SYSTEM: "/dev/null",
      GIT_CONFIG_GLOBAL: "/dev/null",
      GIT_ATTR_NOSYSTEM: "1",
      GIT_TERMINAL_PROMPT: "0",
      GIT_LFS_SKIP_SMUDGE: "1",
      GIT_NO_REPLACE_OBJECTS: "1",
      GIT_OPTIONAL_LOCKS: "0",
      GIT_PROTOCOL_FROM_USER: "0",
      GIT_CONFIG_COUNT: String(configuration.length),
    };
    for (const [index, [key, value]] of configuration.entries()) {
      env[`GIT_CONFIG_KEY_${index}`] = key;
      env[`GIT_CONFIG_VALUE_${index}`] = value;
    }
    if (call.gitDirectory !== undefined) env["GIT_DIR"] = call.gitDirectory;
    if (call.workTree !== undefined) env["GIT_WORK_TREE"] = call.workTree;
    if (call.indexFile !== undefined) env["GIT_INDEX_FILE"] = call.indexFile;
    return runProgram("git", args, {
      env,
      signal,
      deadlineMs: options.deadlineMs,
      maxFileBytes: options.maxFileBytes,
      ...(call.workTree === undefined ? {} : { cwd: call.workTree }),
      ...(call.input === undefined ? {} : { input: call.input }),
      ...(call.maxOutputBytes === undefined ? {} : { maxOutputBytes: call.maxOutputBytes }),
      ...(call.stdoutEncoding === undefined ? {} : { stdoutEncoding: call.stdoutEncoding }),
    });
  };
}
