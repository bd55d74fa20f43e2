import type { Declared } from "../policy/declared.ts";
import type { ImagePath } from "../objects/place-images.ts";

/** An image of the repository. Paths are from the repository's root; `args` may hold variables. */
export type ProjectImage = {
  name: string;
  context: string;
  dockerfile: string;
  target?: string;
  args: Record<string, string>;
};

export type Exposed = { name: string; service: string; port: number };

/** What is rendered: a chart of the repository, or for a Dockerfile alone Greenroom's own charts/preview. */
export type ProjectSource = {
  kind: "chart" | "dockerfile";
  /** Folder of the chart: from the repository's root, or for a Dockerfile from Greenroom's own charts folder. */
  chart: string;
  release: string;
  valueFiles: string[];
  /** May hold variables; every one of them is known. */
  values: Record<string, unknown>;
};

/** What a repository brings, read from its greenroom.yaml or found. */
export type Project = {
  /** Path of the configuration, where there is one. */
  configFile?: string;
  source: ProjectSource;
  images: ProjectImage[];
  /** Where else than in containers images are named. */
  imagePaths: ImagePath[];
  /**
   * Services with a URL, the first being the main one. Empty where the configuration names none: then the main one is
   * chosen from the rendered objects by `mainService`, and goes by the name `web` in variables.
   */
  expose: Exposed[];
  /** What comments may set. */
  declared: Declared[];
  /** For the comment: what was guessed or left out. */
  notices: string[];
};

/** Name of the main service where the configuration names none. */
export const defaultServiceName = "web";
