import type { PreviewKey } from "../preview/key.ts";
import type { Preview } from "../preview/preview.ts";

/** How many there may be at once: in all, of one installation, of one repository. Undefined: any number. */
export type Scoped = { all: number | undefined; installation: number | undefined; repository: number | undefined };

export type Limits = {
  /** Previews that have a namespace and are not asleep. */
  previews: Scoped;
  /** Pull requests that are built or deployed. */
  builds: Scoped;
  /** Put the preview that nobody has used for longest to sleep where another one has no room. */
  makeRoom: boolean;
};

/** Whether one preview may go to work now. */
export type Capacity = {
  /** Its place in line, undefined where it has a place. */
  line?: Line;
  /** Someone waits for room, and no preview has been idle for longer than this one. */
  givesRoom: boolean;
};

export type Line = {
  /** Counted from 1, among those that wait for the same. */
  place: number;
  of: number;
  because: string;
  /** The preview that would be put to sleep for this one. */
  makeRoom?: Preview;
};

/** Room for everyone: what is assumed until somebody asks. */
export const anyRoom: Capacity = { givesRoom: false };

/** Who asks for a place. `uid` is undefined while there is no record. */
export type Claimant = { key: PreviewKey; record: Preview | undefined };
