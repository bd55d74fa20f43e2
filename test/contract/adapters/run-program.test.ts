import { describe, expect, test } from "vitest";
import { type ProgramOptions, runProgram } from "../../../src/adapters/run-program.ts";

const node = process.execPath;

function options(overrides: Partial<ProgramOptions> = {}): ProgramOptions {
  return { env: { PATH: "/usr/bin:/bin" }, signal: new AbortController().signal, deadlineMs: 10_000, ...overrides };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

describe("runProgram", () => {
  test("gives back both streams and the exit code", async () => {
    const script = "process.stdout.write('out'); process.stderr.write('err'); process.exitCode = 3";
    expect(await runProgram(node, ["-e", script], options())).toEqual({ stdout: "out", stderr: "err", code: 3 });
  });

  test("writes the input and passes only the given environment", async () => {
    process.env["GREENROOM_TEST_SECRET"] = "inherited";
    const script =
      "process.stdin.pipe(process.stdout); process.stderr.write(String(process.env.GREENROOM_TEST_SECRET))";
    const result = await runProgram(node, ["-e", script], options({ input: "hello" }));
    delete process.env["GREENROOM_TEST_SECRET"];
    expect(result).toMatchObject({ stdout: "hello", stderr: "undefined" });
  });

  test("hands lines over as they come, the last one without its newline too", async () => {
    const lines: string[] = [];
    const result = await runProgram(node, ["-e", "process.stdout.write('a\\r\\nbé\\n\\nc')"], {
      ...options(),
      onStdoutLine: (line) => lines.push(line),
    });
    expect(lines).toEqual(["a", "bé", "", "c"]);
    expect(result.stdout).toBe("");
  });

  test("an exception in a line's listener ends the program and comes out", async () => {
    const script = "console.log('x'); setInterval(() => {}, 1000)";
    const listening = options({
      onStdoutLine: (line) => {
        throw new Error(`from the listener of ${line}`);
      },
    });
    await expect(runProgram(node, ["-e", script], listening)).rejects.toThrow("from the listener of x");
  });

  test("says that a program is missing", async () => {
    await expect(runProgram("no-such-program", [], options())).rejects.toMatchObject({ reason: "missing" });
  });

  test("ends a program at its deadline", async () => {
    const running = runProgram("sleep", ["60"], options({ deadlineMs: 50 }));
    await expect(running).rejects.toMatchObject({ name: "ProgramError", reason: "deadline" });
  });

  test("ends a program that writes too much, in one line or many", async () => {
    const tooMuch = options({ maxOutputBytes: 1_000 });
    await expect(runProgram("yes", [], tooMuch)).rejects.toMatchObject({ reason: "output" });
    const oneLine = ["-e", "for(;;) process.stdout.write('x'.repeat(1000))"];
    const listening = { ...tooMuch, onStdoutLine: (line: string) => expect(line).toBe("never complete") };
    await expect(runProgram(node, oneLine, listening)).rejects.toMatchObject({ reason: "output" });
  });

  test("an abort asks first, then kills, and takes the whole process group along", async () => {
    const stop = new AbortController();
    const pids: number[] = [];
    const script = `
      process.on("SIGTERM", () => console.log("asked"));
      const child = require("node:child_process").spawn("sleep", ["60"], { stdio: "ignore" });
      console.log(process.pid); console.log(child.pid);
      setInterval(() => {}, 1000);`;
    let asked = false;
    const running = runProgram(node, ["-e", script], {
      ...options({ signal: stop.signal, graceMs: 200 }),
      onStdoutLine: (line) => {
        if (line === "asked") asked = true;
        else pids.push(Number(line));
        if (pids.length === 2) stop.abort(new Error("superseded"));
      },
    });
    await expect(running).rejects.toThrow("superseded");
    expect(asked).toBe(true);
    // A killed grandchild may be a zombie of init's for a moment.
    await expect.poll(() => pids.some(isAlive), { timeout: 5_000 }).toBe(false);
  });

  test("does not start at all when the signal is aborted already", async () => {
    const signal = AbortSignal.abort(new Error("too late"));
    await expect(runProgram("true", [], options({ signal }))).rejects.toThrow("too late");
  });

  test("does not wait for a background child that keeps the pipe open", async () => {
    const script = `require("node:child_process").spawn("sleep", ["60"], { stdio: "inherit" }).unref(); process.exit(0)`;
    const result = await runProgram(node, ["-e", script], options());
    expect(result.code).toBe(0);
  });

  test("a program dies with the process that started it, even when that is killed", async () => {
    const module = new URL("../../../src/adapters/run-program.ts", import.meta.url).pathname;
    const script = `
      import { runProgram } from ${JSON.stringify(module)};
      await runProgram("sh", ["-c", "echo $$; exec sleep 60"], {
        env: { PATH: "/usr/bin:/bin" }, signal: new AbortController().signal, deadlineMs: 60000,
        onStdoutLine: (line) => { console.log(line); process.kill(process.pid, "SIGKILL"); } });`;
    const result = await runProgram(node, ["--input-type=module", "-e", script], options());
    expect(result.code).toBe(137);
    const pid = Number(result.stdout.trim());
    expect(pid).toBeGreaterThan(1);
    await expect.poll(() => isAlive(pid), { timeout: 5_000 }).toBe(false);
  });
});
