import { z } from "zod";
import type { BuildProgress } from "../../ports/builder.ts";

const vertexSchema = z.object({
  digest: z.string(),
  name: z.string(),
  started: z.string().optional(),
  completed: z.string().optional(),
  error: z.string().optional(),
});
type Vertex = z.infer<typeof vertexSchema>;

/** One line of `buildctl build --progress=rawjson`, as far as it is used. */
const solveStatus = z.object({
  vertexes: z.array(vertexSchema).optional(),
  logs: z.array(z.object({ vertex: z.string(), data: z.string() })).optional(),
});

/** A step of the Dockerfile, e.g. `[web 2/5] RUN npm ci`. */
const stepName = /^\[(?:(?<stage>[^\]]+) )?(?<number>\d+)\/(?<total>\d+)\] (?<text>[\s\S]+)$/;

/** Longest end of a step's output that is kept. */
const keptLog = 64 * 1024;

export type FailedStep = {
  /** As BuildKit shows it: the instruction for a step of the Dockerfile, else a name such as `exporting to image`. */
  text: string;
  error: string;
  /** The last of what the step wrote. */
  log: string;
};

export type BuildLog = {
  /** Takes a line of standard error. */
  line(text: string): void;
  /** What buildctl said in plain words: the error and its place in the Dockerfile. */
  words(): string;
  failedStep(): FailedStep | undefined;
};

/** Follows a build by the lines of its progress, and keeps what explains a failure. */
export function followBuild(onProgress: (progress: BuildProgress) => void): BuildLog {
  const words: string[] = [];
  const names = new Map<string, string>();
  const logs = new Map<string, string>();
  const stages = new Map<string, number>();
  const started = new Set<string>();
  const completed = new Set<string>();
  let failed: { digest: string; error: string } | undefined;

  const onVertex = (vertex: Vertex) => {
    names.set(vertex.digest, vertex.name);
    // The steps that a failure cancels report that too; the first one is the cause.
    if (vertex.error !== undefined && vertex.error !== "" && !/context canceled/.test(vertex.error)) {
      failed ??= { digest: vertex.digest, error: vertex.error };
    }
    const step = stepName.exec(vertex.name)?.groups;
    if (step === undefined) return;
    // Every step is named before the first one starts, so the total is known from then on.
    stages.set(step["stage"] ?? "", Number(step["total"]));
    const before = started.size + completed.size;
    if (vertex.started !== undefined) started.add(vertex.digest);
    if (vertex.completed !== undefined && !vertex.error) completed.add(vertex.digest);
    if (started.size + completed.size === before) return;
    const total = [...stages.values()].reduce((sum, each) => sum + each, 0);
    onProgress({ step: step["text"] ?? vertex.name, current: Math.min(completed.size, total), total });
  };

  return {
    line(text) {
      const status = text.startsWith("{") ? parse(text) : undefined;
      if (status === undefined) {
        words.push(text);
        return;
      }
      for (const vertex of status.vertexes ?? []) onVertex(vertex);
      for (const { vertex, data } of status.logs ?? []) {
        const log = (logs.get(vertex) ?? "") + Buffer.from(data, "base64").toString("utf8");
        logs.set(vertex, log.slice(-keptLog));
      }
    },
    words: () => words.join("\n"),
    failedStep() {
      if (failed === undefined) return undefined;
      const name = names.get(failed.digest) ?? "";
      return {
        text: stepName.exec(name)?.groups?.["text"] ?? name,
        error: failed.error,
        log: logs.get(failed.digest) ?? "",
      };
    },
  };
}

function parse(line: string): z.infer<typeof solveStatus> | undefined {
  try {
    return solveStatus.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined;
  }
}
