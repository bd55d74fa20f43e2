import { deployerRoleName } from "../../objects/our-names.ts";
import type { DeployerAccess } from "../../ports/cluster.ts";
import { SupersededError } from "../../ports/records.ts";
import { untilMayDeploy } from "./access-review.ts";
import { accountToken } from "./account-token.ts";
import { isConflict, isNotFound, unlessMissing } from "./api-error.ts";
import type { KubernetesApi } from "./api.ts";
import { writeAccess } from "./deployer-access.ts";
import { listAll } from "./follow.ts";
import type { Resource } from "./resources.ts";
import { pathOf, resources } from "./resources.ts";

export type DeployerOptions = {
  /** Namespace of the attempts' accounts. */
  deployersNamespace: string;
  /** Life of an attempt's token; it is renewed before that as long as the attempt lives. */
  tokenSeconds?: number;
};

/** On accounts and bindings: the namespace that they are for. */
export const previewNamespaceLabel = "greenroom.dev/preview-namespace";
const hourSeconds = 3_600;

/** Of a binding in the preview's namespace; the prefix is one that a pull request may not use. */
const bindingOf = (account: string) => `greenroom-${account}`;
const accountOfBinding = (binding: string) => binding.replace(/^greenroom-/, "");

/** `12-shop-3` is attempt 3. Anything else is older than every attempt. */
function attemptOf(account: string): number {
  return Number(/-(\d+)$/.exec(account)?.[1] ?? 0);
}

const userOf = (deployersNamespace: string, account: string) =>
  `system:serviceaccount:${deployersNamespace}:${account}`;

async function names(
  api: KubernetesApi,
  of: Resource,
  namespace: string,
  label: string,
  signal: AbortSignal,
): Promise<string[]> {
  const { items } = await listAll(
    api,
    { path: pathOf(of, namespace), query: { labelSelector: label }, apiVersion: of.apiVersion, kind: of.kind },
    signal,
  );
  return items.map((item) => item.metadata.name);
}

const accountsOf = (api: KubernetesApi, deployersNamespace: string, namespace: string, signal: AbortSignal) =>
  names(api, resources.ServiceAccount, deployersNamespace, `${previewNamespaceLabel}=${namespace}`, signal);

/** Accounts that have a binding in the namespace, whether or not they exist. */
async function boundIn(api: KubernetesApi, namespace: string, signal: AbortSignal): Promise<string[]> {
  const bindings = await names(api, resources.RoleBinding, namespace, `${previewNamespaceLabel}=${namespace}`, signal);
  return bindings.map(accountOfBinding);
}

async function deleteOne(
  api: KubernetesApi,
  of: Resource,
  namespace: string,
  name: string,
  signal: AbortSignal,
): Promise<void> {
  await unlessMissing(api.json({ method: "DELETE", path: pathOf(of, namespace, name), signal }));
}

async function create(
  api: KubernetesApi,
  of: Resource,
  namespace: string,
  rest: object,
  name: string,
  label: string,
  signal: AbortSignal,
) {
  const metadata = {
    name,
    namespace,
    labels: { [previewNamespaceLabel]: label, "app.kubernetes.io/managed-by": "greenroom" },
  };
  try {
    await api.json({
      method: "POST",
      path: pathOf(of, namespace),
      body: { apiVersion: of.apiVersion, kind: of.kind, metadata, ...rest },
      signal,
    });
  } catch (thrown) {
    if (!isConflict(thrown)) throw thrown;
  }
}

/** Deletes every account that ever deployed into the namespace. Their bindings go with the namespace. */
export async function removeAccounts(
  api: KubernetesApi,
  { deployersNamespace }: DeployerOptions,
  namespace: string,
  signal: AbortSignal,
): Promise<void> {
  const accounts = await accountsOf(api, deployersNamespace, namespace, signal);
  await Promise.all(
    accounts.map((account) => deleteOne(api, resources.ServiceAccount, deployersNamespace, account, signal)),
  );
}

/**
 * Makes one attempt's account the only one that may deploy into a namespace. The account is written first and stands
 * for the claim: of two attempts that take over at once the later number finds the earlier one's account and deletes
 * it, and the earlier one finds either a later account or its own one gone, before it has had a token.
 */
export async function takeOver(
  api: KubernetesApi,
  options: DeployerOptions,
  namespace: string,
  account: string,
  signal: AbortSignal,
): Promise<DeployerAccess> {
  const { deployersNamespace, tokenSeconds = hourSeconds } = options;
  const user = userOf(deployersNamespace, account);
  const withdraw = async () => {
    await deleteOne(api, resources.RoleBinding, namespace, bindingOf(account), signal);
    await deleteOne(api, resources.ServiceAccount, deployersNamespace, account, signal);
    return new SupersededError(account);
  };
  const laterAccount = async () => {
    const accounts = await accountsOf(api, deployersNamespace, namespace, signal);
    return { accounts, later: accounts.some((each) => attemptOf(each) > attemptOf(account)) };
  };

  const claim = { automountServiceAccountToken: false };
  await create(api, resources.ServiceAccount, deployersNamespace, claim, account, namespace, signal);
  const [{ accounts, later }, bound] = await Promise.all([laterAccount(), boundIn(api, namespace, signal)]);
  if (later) throw await withdraw();

  const earlier = [...new Set([...accounts, ...bound])].filter((each) => each !== account);
  await Promise.all(
    earlier.map(async (each) => {
      await deleteOne(api, resources.RoleBinding, namespace, bindingOf(each), signal);
      await deleteOne(api, resources.ServiceAccount, deployersNamespace, each, signal);
      await untilMayDeploy(api, userOf(deployersNamespace, each), namespace, false, signal);
    }),
  );

  const binding = {
    roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "ClusterRole", name: deployerRoleName },
    subjects: [{ kind: "ServiceAccount", name: account, namespace: deployersNamespace }],
  };
  await create(api, resources.RoleBinding, namespace, binding, bindingOf(account), namespace, signal);
  const token = async () => {
    try {
      return await accountToken(api, deployersNamespace, account, tokenSeconds, signal);
    } catch (thrown) {
      // A later attempt has deleted the account meanwhile.
      if (isNotFound(thrown)) throw await withdraw();
      throw thrown;
    }
  };
  const [first, second] = await Promise.all([
    token(),
    laterAccount(),
    untilMayDeploy(api, user, namespace, true, signal),
  ]);
  if (second.later) throw await withdraw();

  return writeAccess(api, user, namespace, first, () =>
    accountToken(api, deployersNamespace, account, tokenSeconds, AbortSignal.timeout(30_000)),
  );
}
