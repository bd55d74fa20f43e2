/** A Kubernetes object as data. What is beyond its identity is read with care, since a pull request wrote it. */
export type KubernetesObject = {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
    [key: string]: unknown;
  };
  [key: string]: unknown;
};

/** An object together with the file of the repository that it came from, e.g. `chart/templates/web.yaml`. */
export type SourcedObject = { object: KubernetesObject; file: string };

/** `Deployment/web`, as people write it. */
export function objectName(object: KubernetesObject): string {
  return `${object.kind}/${object.metadata.name}`;
}
