import { expect, test } from "vitest";
import { type CommandReport, isGood, printed } from "../../../infra/newcomer/report.ts";

const good: CommandReport = {
  name: "demo",
  command: "npm run demo",
  code: 0,
  seconds: 905.4,
  firstOutputSeconds: 0.4,
  firstPageSeconds: 18.5,
  longestSilenceSeconds: 9.5,
  leftBehind: [],
};
const bad: CommandReport = { ...good, name: "test", command: "npm test", code: 1, leftBehind: ["interfaces: veth1"] };

test("good is only what went well and left nothing", () => {
  expect(isGood([good])).toBe(true);
  expect(isGood([])).toBe(false);
  expect(isGood([good, { ...good, code: 1 }])).toBe(false);
  expect(isGood([good, { ...good, leftBehind: ["mounts: /mnt"] }])).toBe(false);
});

test("the table says what each command took and left", () => {
  const machine = { cores: 2, memoryGiB: 24, node: "v24.0.0", kernel: "6.1" };
  const report = { ok: false, commit: "0123456789".repeat(4), machine, commands: [good, bad], packages: ["runc"] };
  expect(printed(report).split("\n")).toEqual([
    "Commit 0123456, from nothing, on 2 cores and 24 GiB",
    "",
    "command       result       took        first output  first page  longest silence  left behind",
    "npm run demo  ok           15 min 5 s  0.4 s         18.5 s      9.5 s            nothing",
    "npm test      exit code 1  15 min 5 s  0.4 s         18.5 s      9.5 s            1, see below",
    "left by npm test: interfaces: veth1",
    "Debian packages installed: runc",
  ]);
});
