import { run } from "./command.ts";
import { retryUntil } from "./readiness.ts";

const namespace = "lab-check";

/** Busybox is among the seeded images; the pod asks the cluster's DNS, writes to its volume and stays. */
const manifest = `apiVersion: v1
kind: Namespace
metadata: { name: ${namespace} }
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data, namespace: ${namespace} }
spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: ${namespace} }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: ${namespace}, labels: { app: web } }
spec:
  terminationGracePeriodSeconds: 0
  containers:
    - name: web
      image: busybox:1.37
      command: [sh, -ec]
      args: ["nslookup kubernetes.default.svc.cluster.local && echo served > /data/index.html && exec httpd -f -p 8080 -h /data"]
      readinessProbe: { httpGet: { port: 8080, path: /index.html }, periodSeconds: 1 }
      volumeMounts: [{ name: data, mountPath: /data }]
  volumes: [{ name: data, persistentVolumeClaim: { claimName: data } }]
`;

/** Proves that a pod gets an image, DNS, a volume, logs, exec and a service; throws what does not work. */
export async function checkCluster(kubectl: string, kubeconfig: string, signal: AbortSignal): Promise<void> {
  const k = (args: string[], input?: string): Promise<string> =>
    run(kubectl, ["--kubeconfig", kubeconfig, ...args], { signal, seconds: 90, ...(input ? { input } : {}) });
  const inside = (args: string[]): Promise<string> => k(["--namespace", namespace, ...args]);
  await k(["apply", "-f", "-"], manifest);
  try {
    await inside(["wait", "--for=condition=Ready", "pod/web", "--timeout=80s"]);
  } catch (error) {
    const seen = await inside(["describe", "pod/web"]);
    throw new Error(`The first pod does not become ready:\n${seen.slice(-2000)}`, { cause: error });
  }
  const logs = await inside(["logs", "web"]);
  if (!logs.includes("10.245.0.1")) throw new Error(`The cluster's DNS does not know the API server:\n${logs}`);
  const file = await inside(["exec", "web", "--", "cat", "/data/index.html"]);
  if (file.trim() !== "served") throw new Error(`exec answers ${JSON.stringify(file)} instead of the file's content`);
  const address = await inside(["get", "service/web", "--output", "jsonpath={.spec.clusterIP}"]);
  await retryUntil(
    async (limit) => {
      const response = await fetch(`http://${address}/index.html`, { signal: limit });
      if ((await response.text()).trim() !== "served") throw new Error("the Service answers something else");
    },
    { seconds: 10, signal },
  ).catch((error: unknown) => {
    throw new Error(`A Service at ${address} does not answer from this machine.`, { cause: error });
  });
  await k(["delete", "namespace", namespace, "--wait=false"]);
}
