import type { World } from "../../src/pipeline/world.ts";
import { keyOf, sameKey } from "../../src/preview/key.ts";
import type { Preview } from "../../src/preview/preview.ts";
import type { People } from "./people.ts";
import { meanings } from "./remarks.ts";

/** The records with somebody who holds every change of what people want against what they have written. */
export function watchWishes(records: World["records"], people: People, violated: (what: string) => void) {
  /** The last comment that each record was changed for, and how often it was given more time. */
  const last = new Map<string, number>();
  const extended = new Map<string, number>();

  function held(preview: Preview, written: Preview): void {
    const { uid, spec: now } = written;
    const name = `PR #${now.pullRequest} of ${now.repository.id}`;
    if (now.keepUntil !== preview.spec.keepUntil) {
      const times = (extended.get(uid) ?? 0) + 1;
      extended.set(uid, times);
      const asked = people
        .spoken()
        .filter(({ key, remark }) => sameKey(key, keyOf(written)) && meanings[remark].extends === true);
      if (times > asked.length)
        violated(`${name} was given more time ${times} times, and ${asked.length} asked for it`);
    }
    const id = now.lastComment?.id;
    if (id === undefined || id === preview.spec.lastComment?.id) return;
    if (id <= (last.get(uid) ?? 0)) violated(`${name}: comment ${id} is obeyed again, or after a later one`);
    last.set(uid, id);
    const spoken = people.spoken().find((each) => each.id === id);
    if (spoken === undefined || !sameKey(spoken.key, keyOf(written))) {
      violated(`${name}: nobody has written the comment ${id}`);
      return;
    }
    const { want, wakes, approves, keeps } = meanings[spoken.remark];
    const before = preview.spec;
    const woken = wakes === true && before.want === "asleep" ? "running" : before.want;
    const changed =
      now.want !== before.want ||
      now.calledAt !== before.calledAt ||
      now.keep !== before.keep ||
      now.keepUntil !== before.keepUntil ||
      now.approvedCommit !== before.approvedCommit ||
      now.redo?.token !== before.redo?.token;
    if (!changed) return;
    const said = `${name}: ${spoken.by} wrote \`${spoken.remark}\``;
    if (spoken.by === "stranger") violated(`${said}, who has no right to it, and it was done`);
    const mayNot = (approves !== undefined || keeps === true) && !people.mayWrite(spoken.key, spoken.by);
    if (mayNot) violated(`${said}, without the permission to write, and it was done`);
    if (now.want !== (want ?? woken)) violated(`${said}, and it is wanted ${now.want}`);
    const approved = now.approvedCommit;
    if (approved !== undefined && approved !== before.approvedCommit && !people.mayRun(approved))
      violated(`${said}, and ${approved.slice(0, 7)} counts as approved, which was not meant`);
  }

  const amend: World["records"]["amend"] = async (preview, changes, signal) => {
    const before = await records.find(keyOf(preview), signal);
    const written = await records.amend(preview, changes, signal);
    held(before?.uid === written.uid ? before : preview, written);
    return written;
  };
  return { ...records, amend };
}
