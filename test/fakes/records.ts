import type { Records } from "../../src/ports/records.ts";
import { isTooLate } from "../../src/preview/spec-changes.ts";
import { SupersededError } from "../../src/ports/records.ts";
import { FailureError } from "../../src/preview/failure.ts";
import { type PreviewKey, sameKey } from "../../src/preview/key.ts";
import type { Preview } from "../../src/preview/preview.ts";
import { previewSpec, previewStatus } from "../../src/preview/preview.ts";

export type FakeRecords = Records & {
  /** What `kubectl delete preview` does: the record stays until its finalizer is taken off. */
  deleteByHand(name: string): void;
  /** What the gateway writes into the status of a record, whoever owns it. */
  visit(preview: { name: string; uid: string }, at: Date): void;
};

const keyOf = ({ spec }: Preview): PreviewKey => ({
  installation: spec.installation,
  repository: spec.repository,
  number: spec.pullRequest,
});

/** Preview records in memory. */
export function fakeRecords(now: () => Date = () => new Date()): FakeRecords {
  const records = new Map<string, Preview>();
  let writes = 0;
  const nextVersion = () => String((writes += 1));
  const find = (key: PreviewKey) => [...records.values()].find((record) => sameKey(keyOf(record), key));
  const own = (preview: Preview): Preview => {
    const record = records.get(preview.name);
    if (record?.uid !== preview.uid) throw new SupersededError(preview.name);
    return record;
  };
  const put = (record: Preview): Preview => {
    const written = structuredClone({ ...record, resourceVersion: nextVersion() });
    records.set(record.name, written);
    return structuredClone(written);
  };

  return {
    find: async (key, signal) => {
      signal.throwIfAborted();
      return structuredClone(find(key));
    },

    ensure: async (key, names, spec, signal) => {
      signal.throwIfAborted();
      const existing = find(key);
      if (existing !== undefined) return structuredClone(existing);
      const name = names.find((each) => !records.has(each));
      if (name === undefined) {
        throw new FailureError({
          kind: "operator",
          code: "record-names-taken",
          what: "All names are taken.",
          remedy: "Free one.",
        });
      }
      const uid = `uid-${nextVersion()}`;
      return put({ name, uid, resourceVersion: "", createdAt: now().toISOString(), deleting: false, spec, status: {} });
    },

    claim: async (preview, signal) => {
      signal.throwIfAborted();
      const record = own(preview);
      return put({ ...record, status: { ...record.status, attempt: (record.status.attempt ?? 0) + 1 } });
    },

    report: async (preview, changes, signal) => {
      signal.throwIfAborted();
      const record = own(preview);
      if (record.status.attempt !== preview.status.attempt) throw new SupersededError(preview.name);
      const merged = Object.entries({ ...record.status, ...changes }).filter(([, value]) => value !== undefined);
      return put({ ...record, status: previewStatus.parse(Object.fromEntries(merged)) });
    },

    remove: async (preview, signal) => {
      signal.throwIfAborted();
      if (records.get(preview.name)?.uid === preview.uid) records.delete(preview.name);
    },

    amend: async (preview, changes, signal) => {
      signal.throwIfAborted();
      const record = own(preview);
      if (isTooLate(preview.spec, record.spec, changes)) throw new SupersededError(preview.name);
      const merged = Object.entries({ ...record.spec, ...changes }).filter(([, value]) => value !== undefined);
      return put({ ...record, spec: previewSpec.parse(Object.fromEntries(merged)) });
    },

    list: async () => structuredClone([...records.values()]),

    listCaughtUp: async (signal) => {
      signal.throwIfAborted();
      return structuredClone([...records.values()]);
    },

    listFresh: async (signal) => {
      signal.throwIfAborted();
      return structuredClone([...records.values()]);
    },

    deleteByHand: (name) => {
      const record = records.get(name);
      if (record !== undefined) put({ ...record, deleting: true });
    },

    visit: ({ name, uid }, at) => {
      const record = records.get(name);
      if (record?.uid === uid) put({ ...record, status: { ...record.status, lastVisitAt: at.toISOString() } });
    },
  };
}
