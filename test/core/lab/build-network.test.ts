import { BlockList } from "node:net";
import { describe, expect, test } from "vitest";
import {
  type BuildNetwork,
  closedRanges,
  jumps,
  machineRules,
  namespaceRules,
} from "../../../infra/local/supply/build-rules.ts";
import { buildAddresses } from "../../../infra/local/supply/build-network.ts";
import { hostsOf, isClosed, nameservers, parseAllowList } from "../../../infra/local/supply/way-out.ts";

describe("name servers of build steps", () => {
  test.each([
    ["nameserver 10.1.2.3\nnameserver 8.8.8.8\n", ["10.1.2.3", "8.8.8.8"]],
    ["# nameserver 1.1.1.1\nsearch example.com\n  nameserver\t9.9.9.9 # x\n", ["9.9.9.9"]],
    ["nameserver 127.0.0.53\nnameserver ::1\nnameserver fd00::1\n", []],
  ])("%j", (text, expected) => {
    expect(nameservers(text)).toEqual(expected);
  });
});

describe("the operator's allow-list", () => {
  test.each([
    ["", []],
    ["10.0.0.7", [{ address: "10.0.0.7", port: null, protocols: ["tcp", "udp"] }]],
    [
      " 10.0.0.7:3128, 10.9.0.0/16 ",
      [
        { address: "10.0.0.7", port: 3128, protocols: ["tcp", "udp"] },
        { address: "10.9.0.0/16", port: null, protocols: ["tcp", "udp"] },
      ],
    ],
  ])("%j", (text, expected) => {
    expect(parseAllowList(text)).toEqual(expected);
  });

  test.each(["proxy.example", "10.0.0", "999.1.1.1", "10.0.0.1:http", "::1", "10.0.0.1 -j ACCEPT"])(
    "refuses %j by name",
    (text) => {
      expect(() => parseAllowList(text)).toThrow(text);
    },
  );
});

test("hosts of proxies and mirrors with their ports", () => {
  expect(hostsOf(["http://proxy:3128", "https://a.example/x", "proxy.example:8080", "ftp://b", ""])).toEqual([
    { host: "proxy", port: 3128 },
    { host: "a.example", port: 443 },
    { host: "proxy.example", port: 8080 },
  ]);
});

test.each([
  ["10.244.0.1", true],
  ["10.96.0.1", true],
  ["169.254.169.254", true],
  ["172.31.255.255", true],
  ["192.168.1.1", true],
  ["100.64.0.1", true],
  ["127.0.0.1", true],
  ["172.32.0.1", false],
  ["1.1.1.1", false],
])("%s is kept from build steps: %s", (address, closed) => {
  expect(isClosed(address)).toBe(closed);
});

describe("packet-filter rules", () => {
  const network: BuildNetwork = {
    ...buildAddresses,
    allowed: [{ address: "10.255.0.53", port: 53, protocols: ["udp", "tcp"] }],
    registries: [{ host: "10.244.0.1", port: 5000 }],
    loopbackRegistries: [],
    nameserverBehindStub: null,
  };
  const text = machineRules(network);

  test("what is allowed comes before what is closed", () => {
    const lines = text.split("\n");
    const place = (part: string): number => lines.findIndex((line) => line.includes(part));
    expect(place("-d 10.255.0.53 -p udp --dport 53 -j RETURN")).toBeGreaterThan(0);
    expect(place("-d 10.0.0.0/8 -j CT --notrack")).toBeGreaterThan(place("--dport 53"));
  });

  test("the registry is open to buildkitd alone, never to steps", () => {
    const open = text.split("\n").filter((line) => line.includes("-d 10.244.0.1"));
    expect(open).toEqual(["-A GREENROOM-BUILD -s 10.246.0.2 -d 10.244.0.1 -p tcp --dport 5000 -j RETURN"]);
    const steps = new BlockList();
    const [subnet, prefix] = network.steps.split("/");
    steps.addSubnet(subnet ?? "", Number(prefix), "ipv4");
    expect(steps.check(network.daemonAddress, "ipv4")).toBe(false);
  });

  test("every closed range and the machine itself are left untracked, and untracked is refused", () => {
    for (const range of closedRanges) expect(text).toContain(`-d ${range} -j CT --notrack`);
    expect(text).toContain("--dst-type LOCAL -j CT --notrack");
    expect(text.match(/--ctstate UNTRACKED .*REJECT/g)).toHaveLength(2);
  });

  test("the link's name fits Linux, and every jump is bound to our link or its addresses", () => {
    expect(network.link.length).toBeLessThanOrEqual(15);
    for (const jump of jumps(network)) {
      expect(jump.match.some((part) => part === network.link || part === network.subnet)).toBe(true);
    }
  });

  test("only what is meant for builds is led from the namespace's loopback to the machine's", () => {
    expect(namespaceRules(network)).not.toContain("DNAT");
    expect(text).not.toContain("DNAT");
    const changed = { ...network, nameserverBehindStub: "10.255.0.53", loopbackRegistries: [5001] };
    const inside = namespaceRules(changed).match(/-d 127\.0\.0\.0\/8 .*DNAT.*/g);
    expect(inside).toEqual([
      "-d 127.0.0.0/8 -p udp --dport 53 -j DNAT --to 10.255.0.53",
      "-d 127.0.0.0/8 -p tcp --dport 53 -j DNAT --to 10.255.0.53",
      "-d 127.0.0.0/8 -p tcp --dport 5001 -j DNAT --to 10.246.0.1",
    ]);
    expect(machineRules(changed).match(/.* --dport 5001 .*/g)).toEqual([
      "-A GREENROOM-BUILD -s 10.246.0.2 -d 10.246.0.1 -p tcp --dport 5001 -j RETURN",
      "-A GREENROOM-LOOPBACK -d 10.246.0.1 -p tcp --dport 5001 -j DNAT --to 127.0.0.1",
    ]);
  });
});
