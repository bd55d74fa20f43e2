import { z } from "zod";
import type { LabStatus } from "../../../infra/local/lab/status.ts";

const rules = z.array(z.object({ id: z.int(), struck: z.int() }));
const calls = z.array(
  z.object({
    at: z.string(),
    method: z.string(),
    path: z.string(),
    route: z.string(),
    by: z.string(),
    milliseconds: z.number(),
    faults: z.array(z.int()).optional(),
  }),
);

export type Call = z.infer<typeof calls>[number];
export type Fault = { id: number; struck(): Promise<number>; remove(): Promise<void> };

/** What the stand-in is told to do, and what it has seen. */
export function gitHubOf(lab: LabStatus) {
  const at = (path: string) => `${lab.github.url}/-${path}`;
  const list = async () => rules.parse(await (await fetch(at("/faults"))).json());
  return {
    async fault(rule: object): Promise<Fault> {
      const answer = await fetch(at("/faults"), { method: "POST", body: JSON.stringify(rule) });
      if (answer.status !== 201) throw new Error(`the stand-in refuses the fault: ${await answer.text()}`);
      const { id } = z.object({ id: z.int() }).parse(await answer.json());
      return {
        id,
        struck: async () => (await list()).find((each) => each.id === id)?.struck ?? 0,
        async remove() {
          await fetch(at(`/faults/${id}`), { method: "DELETE" });
        },
      };
    },
    /** Requests since a moment, oldest first; they are remembered when they are over. */
    async callsSince(since: Date): Promise<Call[]> {
      const all = calls.parse(await (await fetch(at("/calls"))).json());
      return all.filter((call) => new Date(call.at) >= since);
    },
  };
}
