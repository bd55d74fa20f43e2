import type { Preview, PreviewStatus } from "../../../src/preview/preview.ts";

const base = "preview.example.dev";

const host = (label: string) => ({ host: `${label}.${base}`, url: `https://${label}.${base}` });

/** A ready preview of two services. */
export function preview(name: string, status: Partial<PreviewStatus> = {}): Preview {
  const commit = "a".repeat(40);
  return {
    name,
    uid: `uid-${name}`,
    resourceVersion: "1",
    createdAt: "2026-01-01T00:00:00Z",
    deleting: false,
    spec: {
      repository: { id: 42, nodeId: "R_42", fullName: "acme/shop" },
      pullRequest: 12,
      installation: 7,
      want: "running",
    },
    status: {
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
  };
}
