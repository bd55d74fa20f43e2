import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { readmeCommands } from "../../../infra/newcomer/readme-commands.ts";

const block = (text: string): string => `# Title\n\n\`\`\`mermaid\nflow\n\`\`\`\n\n\`\`\`sh\n${text}\`\`\`\n`;

describe("the README's commands", () => {
  test("are the lines of its first shell block, without comments", () => {
    const text = block("# both\nnpm run demo   # add `-- --keep` to look around\nnpm test\n\n");
    expect(readmeCommands(text)).toEqual([
      { name: "demo", program: "npm", args: ["run", "demo"] },
      { name: "test", program: "npm", args: ["test"] },
    ]);
  });

  test("keep their arguments", () => {
    expect(readmeCommands(block("npm run lab -- up --detach\n"))[0]).toEqual({
      name: "lab",
      program: "npm",
      args: ["run", "lab", "--", "up", "--detach"],
    });
  });

  test.each(["npm test && rm -rf x", "npm test > log", "echo $HOME", "npm test; ls", "npm 'test'", "(npm test)"])(
    "are refused where only a shell understands them: %s",
    (line) => {
      expect(() => readmeCommands(block(`${line}\n`))).toThrow(/without a shell/);
    },
  );

  test("have to be there", () => {
    expect(() => readmeCommands("no block")).toThrow(/no block/);
    expect(() => readmeCommands(block("# nothing but a comment\n"))).toThrow(/no command/);
  });

  test("of this repository are its demo and its test", () => {
    const readme = readFileSync(join(import.meta.dirname, "../../../README.md"), "utf8");
    expect(readmeCommands(readme).map(({ program, args }) => [program, ...args].join(" "))).toEqual([
      "npm run demo",
      "npm test",
    ]);
  });
});
