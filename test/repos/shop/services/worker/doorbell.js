/** Remembers a ring that comes while nobody waits, so that none is lost between looking for orders and waiting. */
export function createDoorbell() {
  let rung = false;
  let wake = () => {};
  return {
    ring() {
      rung = true;
      wake();
    },
    /** Until it rings, or for `milliseconds`. */
    async wait(milliseconds) {
      if (!rung) {
        await new Promise((resolve) => {
          const timer = setTimeout(resolve, milliseconds);
          wake = () => {
            clearTimeout(timer);
            resolve();
          };
        });
      }
      rung = false;
    },
  };
}
