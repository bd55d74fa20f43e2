import type { Failure } from "../preview/failure.ts";
import type { ClusterView } from "./cluster-view.ts";
import type { Cause, Suspect } from "./suspect.ts";

/** What an explanation is made of; the evidence is the log, or else what the cluster said. */
export type Explanation = Omit<Failure, "kind" | "evidence"> & { kind?: Failure["kind"]; evidence?: string };

/** What an explanation can look at. */
export type Scene = { suspect: Suspect; view: ClusterView; logTail: string; subject: string };

export type CauseOf<T extends Cause["is"]> = Extract<Cause, { is: T }>;
