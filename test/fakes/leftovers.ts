import type { Leftover, Leftovers } from "../../src/ports/leftovers.ts";
import type { Records } from "../../src/ports/records.ts";
import { namespaceOf } from "../../src/preview/names.ts";
import type { FakeKubernetes } from "./kubernetes.ts";

/** What is in the fake cluster without a record. */
export function fakeLeftovers(kubernetes: FakeKubernetes, records: Pick<Records, "list">): Leftovers {
  return {
    async list(signal) {
      signal.throwIfAborted();
      const namespaces = [...kubernetes.namespaces.values()].filter(({ recordUid }) => recordUid !== undefined);
      const deployedInto = new Set(
        [...kubernetes.accounts.values()].filter((name) => !kubernetes.namespaces.has(name)),
      );
      const known = await records.list();
      const uids = new Set(known.map(({ uid }) => uid));
      const names = new Set(known.map(({ name }) => namespaceOf(name)));
      return [
        ...namespaces.map(({ name, recordUid }): Leftover => ({ namespace: name, recordUid, kind: "namespace" })),
        ...[...deployedInto].map((name): Leftover => ({ namespace: name, recordUid: undefined, kind: "accounts" })),
      ].filter(({ namespace, recordUid }) => (recordUid === undefined ? !names.has(namespace) : !uids.has(recordUid)));
    },
  };
}
