import { expect, test } from "vitest";
import { headline, waitForComment } from "../../../infra/local/demo/conversation.ts";
import type { Ground } from "./ground.ts";
import { finalizer, hold } from "./holds.ts";
import type { Timing } from "./timings.ts";

/** Something in a preview's namespace is held by a finalizer that is not Greenroom's. */
export function heldNamespace(ground: () => Ground, timings: Timing[]): void {
  test("a namespace that a foreign finalizer holds: reported, tried again, and in nobody's way", async () => {
    await ground().crew(1);
    const other = await ground().open("beside");
    await ground().ready(other, other);
    const opened = await ground().open("held");
    await ground().ready(opened, opened);
    const undisturbed = await ground().ready(opened, await ground().push(opened));
    const { name } = await ground().record(opened, "being there", 5, () => true);
    const letGo = await hold(ground(), opened);

    await ground().setState(opened, "closed");
    await ground().record(opened, "teardown", 20, ({ status }) => status.phase === "Removing");
    const push = await ground().push(other);
    const disturbed = await ground().ready(other, push);
    timings.push({ fault: "a push beside a namespace that is held", undisturbed, disturbed });
    expect(disturbed).toBeLessThan(undisturbed * 3 + 5);

    const { owner } = ground().hello;
    const comment = await waitForComment(owner, opened.pr, "what holds it", (body) => body.includes(finalizer), 60);
    expect(headline(comment)).not.toMatch(/^removed/);
    await letGo();
    const freed = await ground().gone(opened, name, performance.now());
    const { name: free } = await ground().record(other, "being there", 5, () => true);
    const unheld = await ground().gone(other, free, await ground().setState(other, "closed"));
    timings.push({ fault: "a closed one that was held, from when it is freed", undisturbed: unheld, disturbed: freed });
  });
}
