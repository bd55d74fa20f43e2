import type { KubernetesObject } from "../../src/objects/kubernetes-object.ts";
import { annotations } from "../../src/objects/our-names.ts";
import type { World } from "../../src/pipeline/world.ts";
import type { DeployerAccess } from "../../src/ports/cluster.ts";
import type { FakeKubernetes } from "../fakes/kubernetes.ts";
import { attemptOf, mayDeploy } from "../fakes/kubernetes.ts";
import { namespaceOf, writtenBy } from "./cluster-life.ts";
import { watchWishes } from "./obedience.ts";
import type { People } from "./people.ts";
import type { Process } from "./process.ts";

type Operation = { process: Process | undefined; access: DeployerAccess };

/** Watches what must never be, whatever happens: it throws nothing, it remembers what it saw. */
export type Watch = {
  violations: string[];
  applied(object: KubernetesObject): void;
  /** The cluster, records and releases with somebody who looks on. */
  watched(world: World, current: () => Process | undefined): World;
};

export function createWatch(kubernetes: () => FakeKubernetes, people: People): Watch {
  const violations: string[] = [];
  /** The newest attempt that has taken a namespace over. */
  const owner = new Map<string, number>();
  const operations = new Map<string, Set<Operation>>();
  const tornDown = new Set<string>();

  return {
    violations,
    applied(object) {
      const namespace = namespaceOf(object);
      const commit = object.metadata.annotations?.[annotations.commit];
      if (commit !== undefined && !people.mayRun(commit))
        violations.push(`${commit.slice(0, 7)} is deployed, and nobody has approved it`);
      const [attempt, newest] = [writtenBy(object), owner.get(namespace) ?? 0];
      if (attempt >= newest) return;
      violations.push(
        `attempt ${attempt} writes ${object.kind}/${object.metadata.name} in ${namespace}, which attempt ${newest} has taken over`,
      );
    },
    watched(world, current) {
      const { cluster, releases, checkouts } = world;
      const records = watchWishes(world.records, people, (what) => violations.push(what));
      return {
        ...world,
        checkouts: {
          ...checkouts,
          async fetch(repositoryId, access, commit, signal) {
            if (!people.mayRun(commit))
              violations.push(`${commit.slice(0, 7)} is fetched to be built, and nobody has approved it`);
            return await checkouts.fetch(repositoryId, access, commit, signal);
          },
        },
        cluster: {
          ...cluster,
          async takeOver(namespace, account, signal) {
            const access = await cluster.takeOver(namespace, account, signal);
            owner.set(namespace, attemptOf(account));
            return access;
          },
          async remove(namespace, recordUid, signal) {
            await cluster.remove(namespace, recordUid, signal);
            owner.delete(namespace);
            tornDown.add(recordUid);
          },
        },
        releases: {
          ...releases,
          async release(namespace, release, objects, access, signal) {
            const own: Operation = { process: current(), access };
            const running = operations.get(namespace) ?? new Set();
            operations.set(namespace, running);
            const mayStillDeploy = (operation: Operation) => mayDeploy(kubernetes(), namespace, operation.access);
            // Whoever has been fenced off is refused before it writes anything.
            for (const other of mayStillDeploy(own) ? running : []) {
              if (other.process?.state() === "dead" || !mayStillDeploy(other)) continue;
              violations.push(
                `two Helm operations at once in ${namespace}: as ${other.access.user} and as ${access.user}`,
              );
            }
            running.add(own);
            try {
              return await releases.release(namespace, release, objects, access, signal);
            } finally {
              running.delete(own);
            }
          },
        },
        records: {
          ...records,
          async remove(preview, signal) {
            const left = [...kubernetes().namespaces.values()].filter(({ recordUid }) => recordUid === preview.uid);
            // What a worker that was stopped makes afterwards is the sweep's to find.
            if (left.length > 0 && !tornDown.has(preview.uid)) {
              violations.push(`the record ${preview.name} is removed while its namespace is there`);
            }
            await records.remove(preview, signal);
          },
        },
      };
    },
  };
}
