import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { materialise } from "../../../../test/repos/load.ts";
import { pushCommit } from "../actions/pushes.ts";
import { createRepository } from "../actions/repositories.ts";
import type { GitHub } from "../context.ts";
import type { FileChanges } from "../git/write.ts";
import type { RepositoryRecord, UserRecord } from "../store/records.ts";

/** The repositories that one button makes. */
export const samples = {
  hello: "One page, one Dockerfile, one chart: the smallest thing that gets a preview.",
  shop: "A web front, an API, a worker and a database: three images, one chart.",
} as const;

export type Sample = keyof typeof samples;

export function isSample(name: string): name is Sample {
  return Object.hasOwn(samples, name);
}

/** Makes a repository with a sample's files as its first commit, under the first name that is free. */
export async function createFromSample(github: GitHub, owner: UserRecord, sample: Sample): Promise<RepositoryRecord> {
  const files = await sampleFiles(sample);
  const repository = await createRepository(github, owner, {
    name: freeName(github, owner, sample),
    description: samples[sample],
  });
  await pushCommit(github, owner, repository, {
    branch: repository.defaultBranch,
    message: "The first version",
    files,
  });
  return repository;
}

function freeName(github: GitHub, owner: UserRecord, wanted: string): string {
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (github.store.repositoryByName(owner.login, name) === undefined) return name;
  }
}

async function sampleFiles(sample: Sample): Promise<FileChanges> {
  const folder = await mkdtemp(join(tmpdir(), "greenroom-sample-"));
  try {
    await materialise(sample, folder);
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const contents = files.map(async (file) => [relative(folder, file), await readFile(file)] as const);
    return Object.fromEntries(await Promise.all(contents));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
