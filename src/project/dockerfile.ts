/** Port that a web server in a container listens on where its Dockerfile says nothing. */
const defaultPort = 8080;

/** The first TCP port that the built stage of a Dockerfile exposes. */
export function exposedPort(dockerfile: string, target?: string): number {
  const stages: { name: string; ports: number[] }[] = [];
  for (const line of dockerfile.split(/\r?\n/)) {
    const from = line.match(/^\s*FROM\s+(?:--\S+\s+)*\S+(?:\s+AS\s+(\S+))?/i);
    if (from !== null) stages.push({ name: from[1]?.toLowerCase() ?? "", ports: [] });
    const exposed = line.match(/^\s*EXPOSE\s+(.+)/i)?.[1] ?? "";
    for (const word of exposed.split(/\s+/)) {
      const port = word.match(/^(\d{1,5})(?:\/tcp)?$/i)?.[1];
      if (port !== undefined && Number(port) >= 1 && Number(port) <= 65_535) stages.at(-1)?.ports.push(Number(port));
    }
  }
  const built = target === undefined ? stages.at(-1) : stages.find((stage) => stage.name === target.toLowerCase());
  return built?.ports[0] ?? defaultPort;
}
