import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { run } from "../../infra/local/lab/command.ts";
import { type LabStatus, readLabStatus } from "../../infra/local/lab/status.ts";

const namespace = `lab-test-${randomBytes(4).toString("hex")}`;
let lab: LabStatus;

function kubectl(args: string[], input?: string): Promise<string> {
  const whole = ["--kubeconfig", lab.kubeconfig, "--namespace", namespace, ...args];
  return run(lab.tools.kubectl, whole, { seconds: 120, ...(input === undefined ? {} : { input }) });
}

/** A database in small: keeps what it is told in a volume of its own, behind a Service. */
const store = `apiVersion: v1
kind: Service
metadata: { name: store }
spec: { selector: { app: store }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: store }
spec:
  serviceName: store
  selector: { matchLabels: { app: store } }
  template:
    metadata: { labels: { app: store } }
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: store
          image: busybox:1.37
          command: [sh, -c, "echo started; exec httpd -f -p 8080 -h /data"]
          readinessProbe: { tcpSocket: { port: 8080 }, periodSeconds: 1 }
          volumeMounts: [{ name: data, mountPath: /data }]
  volumeClaimTemplates:
    - metadata: { name: data }
      spec: { accessModes: [ReadWriteOnce], resources: { requests: { storage: 1Mi } } }
`;

/** Asks the store by its name in the cluster's DNS. */
const asker = `apiVersion: batch/v1
kind: Job
metadata: { name: asker }
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: asker
          image: busybox:1.37
          command: [wget, -qO-, "http://store.${namespace}.svc.cluster.local/greeting"]
`;

beforeAll(async () => {
  const running = await readLabStatus();
  if (!running) throw new Error("no lab is running");
  lab = running;
  await run(lab.tools.kubectl, ["--kubeconfig", lab.kubeconfig, "create", "namespace", namespace]);
});

afterAll(async () => {
  await run(lab.tools.kubectl, ["--kubeconfig", lab.kubeconfig, "delete", "namespace", namespace, "--wait=false"]);
});

describe("the lab's Kubernetes", () => {
  test("runs a StatefulSet with a volume; its logs can be read and programs started in it", async () => {
    await kubectl(["apply", "-f", "-"], store);
    await kubectl(["rollout", "status", "statefulset/store", "--timeout=90s"]);
    expect(await kubectl(["logs", "store-0"])).toContain("started");
    await kubectl(["exec", "store-0", "--", "sh", "-c", "echo good evening > /data/greeting"]);
    expect(await kubectl(["get", "pvc/data-store-0", "--output=jsonpath={.status.phase}"])).toBe("Bound");
  });

  test("pods find a Service by DNS, and this machine reaches it by its address", async () => {
    await kubectl(["apply", "-f", "-"], asker);
    await kubectl(["wait", "--for=condition=Complete", "job/asker", "--timeout=60s"]);
    expect(await kubectl(["logs", "job/asker"])).toContain("good evening");
    const address = await kubectl(["get", "service/store", "--output=jsonpath={.spec.clusterIP}"]);
    expect(await (await fetch(`http://${address}/greeting`)).text()).toBe("good evening\n");
  });

  test("a pod that is made anew finds its volume as it was", async () => {
    await kubectl(["delete", "pod", "store-0"]);
    await kubectl(["rollout", "status", "statefulset/store", "--timeout=60s"]);
    expect(await kubectl(["exec", "store-0", "--", "cat", "/data/greeting"])).toContain("good evening");
  });

  test("Pod Security is enforced where a namespace asks for it", async () => {
    await kubectl(["label", "namespace", namespace, "pod-security.kubernetes.io/enforce=baseline"]);
    const pod = ["run", "root", "--image=busybox:1.37", "--privileged", "--restart=Never"];
    await expect(kubectl(pod)).rejects.toThrow(/violates PodSecurity/);
  });

  test("the registry takes nothing without credentials", async () => {
    const answer = await fetch(`http://${lab.registry}/v2/greenroom/x/blobs/uploads/`, { method: "POST" });
    expect(answer.status).toBe(401);
  });
});
