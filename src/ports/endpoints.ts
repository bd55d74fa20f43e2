/** Where one ready pod listens. */
export type PodAddress = { ip: string; port: number; namespace: string; pod: string };

/** Which pods are ready, as last seen by a watch. */
export type Endpoints = {
  /** The ready pods behind a port of a Service; none where the Service or the port does not exist. */
  ready(namespace: string, service: string, port: number): readonly PodAddress[];
};
