/** An access to the API server that its rules allow or not. */
export type Access = { verb: string; group: string; resource: string; subresource?: string; namespace?: string };

/** The access that was refused, of an API server's message inside of Helm's. */
export function refusedAccess(message: string): Access | undefined {
  const found =
    /cannot (\w+) resource "([^"/]+)(?:\/([^"]+))?" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/.exec(
      message,
    );
  const [, verb, resource, subresource, group, namespace] = found ?? [];
  if (verb === undefined || resource === undefined || group === undefined) return undefined;
  return {
    verb,
    group,
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}
