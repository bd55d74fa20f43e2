import { describe, expect, test } from "vitest";
import { listeningInode } from "../../../infra/local/lab/ports.ts";

const head = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const row = (local: string, state: string, inode: string): string =>
  `   0: ${local} 00000000:0000 ${state} 00000000:00000000 00:00000000 00000000     0        0 ${inode} 1 0000000000000000 100 0 0 10 0`;

const loopback = { host: "127.0.0.1", port: 4000 };

describe("listeningInode", () => {
  test.each([
    ["on loopback", "0100007F:0FA0", "0A", "4711"],
    ["on all addresses", "00000000:0FA0", "0A", "4711"],
    ["on all IPv6 addresses, which take IPv4 as well", "00000000000000000000000000000000:0FA0", "0A", "4711"],
    ["on loopback by its IPv6 name", "0000000000000000FFFF00000100007F:0FA0", "0A", "4711"],
    ["on IPv6 loopback, which is another address", "00000000000000000000000001000000:0FA0", "0A", undefined],
    ["on another address", "0201000A:0FA0", "0A", undefined],
    ["at another port", "0100007F:0FA1", "0A", undefined],
    ["a connection, not a listener", "0100007F:0FA0", "01", undefined],
  ])("%s", (_, local, state, expected) => {
    expect(listeningInode(`${head}\n${row(local, state, "4711")}\n`, loopback)).toBe(expected);
  });
});
