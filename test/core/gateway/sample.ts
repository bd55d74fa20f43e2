import type { Preview, PreviewStatus } from "../../../src/preview/preview.ts";
import { samplePreview } from "../preview/sample.ts";

const base = "preview.example.dev";

const host = (label: string) => ({ host: `${label}.${base}`, url: `https://${label}.${base}` });

/** A ready preview of two services. */
export function preview(name: string, status: Partial<PreviewStatus> = {}): Preview {
  const commit = "a".repeat(40);
  return samplePreview(
    {
      phase: "Ready",
      observedCommit: commit,
      deployedCommit: commit,
      namespace: `preview-${name}`,
      urls: [
        { name: "web", ...host(name), service: "web", port: 80 },
        { name: "api", ...host(`api--${name}`), service: "api", port: 8080 },
      ],
      ...status,
    },
    { name, uid: `uid-${name}` },
  );
}
