import { randomBytes } from "node:crypto";
import { z } from "zod";
import { createRepository, person } from "../../../infra/local/demo/person.ts";
import { kubectlJson } from "../../../infra/local/demo/leftovers.ts";
import { readLabStatus } from "../../../infra/local/lab/status.ts";
import { runCommand } from "../../../infra/local/supply/command.ts";
import type { Bench } from "../bench.ts";
import { openScript } from "./bare.ts";
import { materialiseCompiledShop } from "./compiled-shop.ts";
import { seeGreenroom } from "./greenroom.ts";
import { compared, playRound, type Push, type Sides } from "./round.ts";
import { openPlayed } from "./played.ts";
import { rowsOf } from "./rows.ts";

/** Push to ready and close to gone, beside a script that does the same with git, buildctl, Helm and kubectl alone. */
export const deployBench: Bench = {
  name: "deploy",
  about: "push to ready and close to gone, against a bare script and kubectl delete namespace",
  notes: [
    "Both sides deploy the shop with a compile step of about 10 s of processor time in each of its three images, since a",
    "full build stands for repositories whose builds take most of the time; the sample itself builds in two seconds.",
    "Kubernetes waits 5 s after a namespace's deletion before it looks into it: no close is faster than that.",
  ],
  async measure({ runs, keep, signal, say }) {
    const played = await openPlayed(keep);
    if (Math.min(played.rounds.length, played.deaf.length) >= runs) return rowsOf(played);
    const lab = await readLabStatus();
    if (lab === undefined) throw new Error("no lab is running; start one with `npm run lab -- up --detach`");
    const owner = person(lab.github, "maintainer");
    const edition = randomBytes(3).toString("hex");
    const repository = (name: string) => createRepository(lab.github, owner, name, materialiseCompiledShop);
    const ourClone = await repository(`bench-${edition}`);
    const theirClone = await repository(`script-${edition}`);
    const greenroom = await seeGreenroom(lab, owner, ourClone, signal);
    const script = await openScript(lab, owner, { owner: owner.login, name: theirClone.repository }, signal);
    const sides: Sides = { lab, greenroom, ourClone, script, theirClone };
    try {
      say("a round that does not count, so that base images and clones are warm");
      await playRound(sides, 0, ["deaf"], say, signal);
      for (let number = 1; number <= runs; number += 1) {
        say(`round ${number} of ${runs}`);
        // Numbered on, since each is a pull request and a namespace of its own; who begins changes with the round.
        const play = (beside: number, which: readonly Push[]) =>
          playRound(sides, 2 * number + beside, which, say, signal);
        if (played.rounds.length < number) await played.add("rounds", await play(0, compared));
        if (played.deaf.length < number) await played.add("deaf", await play(1, ["deaf"]));
      }
    } finally {
      await Promise.all([ourClone.dispose(), theirClone.dispose(), script.dispose()]);
      // The lab may be what failed; then there is nothing to take away, and that error is the one to be told.
      await closeAll(sides).catch((error: unknown) => say(`not everything was taken away: ${String(error)}`));
    }
    return rowsOf(played);
  },
};

const names = z.object({ items: z.array(z.object({ metadata: z.object({ name: z.string() }) })) });

/** After a round that did not come to its end: nothing of it stays in the lab. */
async function closeAll({ lab, ourClone, theirClone }: Sides): Promise<void> {
  const { octokit } = person(lab.github, "maintainer");
  const where = { owner: ourClone.owner, repo: ourClone.repository };
  const { data } = await octokit.pulls.list({ ...where, state: "open" });
  for (const { number } of data) await octokit.pulls.update({ ...where, pull_number: number, state: "closed" });
  const namespaces = (await kubectlJson(lab, ["get", "namespaces"], names)).items.map(({ metadata }) => metadata.name);
  const left = namespaces.filter((name) => name.startsWith(`${theirClone.repository}-`));
  if (left.length === 0) return;
  await runCommand(
    lab.tools.kubectl,
    ["--kubeconfig", lab.kubeconfig, "delete", "namespace", ...left, "--wait=false"],
    { signal: new AbortController().signal, timeoutSeconds: 30 },
  );
}
