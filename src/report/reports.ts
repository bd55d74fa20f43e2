/** What people can ask for with a button of a check run, or by running the check again. */
export const buttons = ["approve", "deploy", "rebuild"] as const;
export type Button = (typeof buttons)[number];

/** A button as GitHub shows it, where its check run is completed: 20 characters, and 40 that explain them. */
export type CheckAction = { identifier: Button; label: string; description: string };

/** What a check run shows. */
export type CheckReport = {
  /** Head commit it is about. */
  commit: string;
  status: "queued" | "in_progress" | "completed";
  conclusion?: "success" | "failure" | "cancelled" | "neutral" | "action_required";
  title: string;
  summary: string;
  /** Lines of the repository at fault. */
  annotations: { path: string; line: number; message: string }[];
  actions: CheckAction[];
  detailsUrl?: string;
  /** Key of the preview, since a check run on a fork's commit names no pull request. */
  externalId: string;
};

/** What a deployment of the pull request's environment shows. */
export type DeploymentReport = {
  commit: string;
  /** e.g. `preview/pr-12`. */
  environment: string;
  state: "in_progress" | "success" | "failure" | "inactive";
  url?: string;
  /** Where people read how it went. */
  logUrl?: string;
  description: string;
};
