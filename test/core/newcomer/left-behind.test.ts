import { describe, expect, test } from "vitest";
import { added } from "../../../infra/newcomer/left-behind.ts";
import type { Snapshot } from "../../../infra/newcomer/snapshot.ts";
import { chainsAndRules, interfacesIn, mountPoints } from "../../../infra/newcomer/system-text.ts";

const empty: Snapshot = {
  processes: [],
  mounts: [],
  "network namespaces": [],
  interfaces: [],
  "packet-filter chains and rules": [],
  "control groups": [],
  files: [],
};

describe("what is left behind", () => {
  test("is what was not there before, of every kind", () => {
    const before = { ...empty, interfaces: ["lo", "eth0"], files: ["/tmp/a", "/tmp/b"] };
    const after: Snapshot = {
      processes: ["12 sleep"],
      mounts: ["/mnt"],
      "network namespaces": ["net:[1]"],
      interfaces: ["lo", "eth0", "veth1"],
      "packet-filter chains and rules": ["iptables nat: KUBE-SERVICES"],
      "control groups": ["/sys/fs/cgroup/greenroom-lab-1"],
      files: ["/tmp/b", "/tmp/c"],
    };
    expect(added(before, after)).toEqual([
      "processes: 12 sleep",
      "mounts: /mnt",
      "network namespaces: net:[1]",
      "interfaces: veth1",
      "packet-filter chains and rules: iptables nat: KUBE-SERVICES",
      "control groups: /sys/fs/cgroup/greenroom-lab-1",
      "files: /tmp/c",
    ]);
    expect(added(after, after)).toEqual([]);
    expect(added(after, before)).toEqual(["files: /tmp/a"]);
  });
});

describe("the kernel's texts", () => {
  test("mount points, with their escapes", () => {
    const text = [
      "21 26 0:20 / /proc rw,nosuid - proc proc rw",
      "40 26 8:1 /a /mnt/with\\040space rw - ext4 /dev/sda1 rw",
      "",
    ].join("\n");
    expect(mountPoints(text)).toEqual(["/proc", "/mnt/with space"]);
  });

  test("interfaces", () => {
    const text = "Inter-|   Receive\n face |bytes\n    lo: 1 2\ngreenroom0: 3 4\n";
    expect(interfacesIn(text)).toEqual(["lo", "greenroom0"]);
  });

  test("chains and rules, without built-in chains and counters", () => {
    const text = [
      "# Generated",
      "*nat",
      ":PREROUTING ACCEPT [12:34]",
      ":KUBE-SERVICES - [0:0]",
      "-A PREROUTING -j KUBE-SERVICES",
      "COMMIT",
      "*filter",
      ":INPUT ACCEPT [0:0]",
      "COMMIT",
    ].join("\n");
    expect(chainsAndRules(text)).toEqual(["nat: KUBE-SERVICES", "nat: -A PREROUTING -j KUBE-SERVICES"]);
    expect(chainsAndRules("")).toEqual([]);
  });
});
