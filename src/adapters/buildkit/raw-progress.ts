import { z } from "zod";
import type { BuildProgress } from "../../ports/builder.ts";

/** One line of `buildctl --progress=rawjson`: BuildKit's SolveStatus, https://pkg.go.dev/github.com/moby/buildkit/client#SolveStatus */
const solveStatus = z.object({
  vertexes: z
    .array(
      z.object({
        digest: z.string(),
        name: z.string(),
        started: z.string().optional(),
        completed: z.string().optional(),
        cached: z.boolean().optional(),
        error: z.string().optional(),
      }),
    )
    .optional(),
  logs: z.array(z.object({ vertex: z.string(), data: z.string().optional() })).optional(),
});

/** What a build has shown of itself so far. */
export type BuildTrace = {
  /** Takes one line of standard error; anything that is no status is kept as text. */
  add(line: string): void;
  /** Text that BuildKit wrote besides its status: the place in the Dockerfile and the error. */
  text(): string;
  /** The step that failed, with the end of its output. */
  failed(): { name: string; error: string; log: string } | undefined;
};

const keptLog = 16_384;

export function traceBuild(onProgress: (progress: BuildProgress) => void): BuildTrace {
  const vertexes = new Map<string, { name: string; completed: boolean; error: string }>();
  const logs = new Map<string, string>();
  const rest: string[] = [];

  const progress = (name: string): void => {
    // Steps of the Dockerfile are named `[stage 2/5] RUN …`; BuildKit's own bookkeeping is not.
    if (!/^\[(?!internal\])/.test(name)) return;
    const steps = [...vertexes.values()].filter((vertex) => /^\[(?!internal\])/.test(vertex.name));
    onProgress({ step: name, current: steps.filter((step) => step.completed).length, total: steps.length });
  };

  return {
    add(line) {
      const status = line.startsWith("{") ? solveStatus.safeParse(parse(line)) : undefined;
      if (status?.success !== true) {
        rest.push(line);
        return;
      }
      for (const { digest, name, started, completed, cached, error } of status.data.vertexes ?? []) {
        const known = vertexes.get(digest);
        vertexes.set(digest, {
          name,
          completed: completed !== undefined || cached === true || known?.completed === true,
          error: error ?? known?.error ?? "",
        });
        if (started !== undefined) progress(name);
      }
      for (const { vertex, data } of status.data.logs ?? []) {
        const text = Buffer.from(data ?? "", "base64").toString("utf8");
        logs.set(vertex, `${logs.get(vertex) ?? ""}${text}`.slice(-keptLog));
      }
    },
    text: () => rest.join("\n"),
    failed() {
      const failures = [...vertexes].filter(([, vertex]) => vertex.error !== "");
      // When one step fails the others are cancelled, and say so as an error too.
      const [digest, vertex] = failures.find(([, { error }]) => !/context canceled/.test(error)) ?? failures[0] ?? [];
      if (digest === undefined || vertex === undefined) return undefined;
      return { name: vertex.name, error: vertex.error, log: logs.get(digest) ?? "" };
    },
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
