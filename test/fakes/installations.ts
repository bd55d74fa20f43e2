import type { Installations, OpenPullRequest } from "../../src/ports/installations.ts";
import { FailureError } from "../../src/preview/failure.ts";
import { traitsOf } from "../../src/policy/traits.ts";
import type { FakeGitHub } from "./pull-requests.ts";

export type FakeInstallations = Installations & {
  /** Asked before anything is listed and before each repository; what it throws, that part could not be read. */
  interfere(with_: (repositoryId: number | "installations") => void): void;
};

/** The app's installation on the fake GitHub, with every repository in which a pull request was ever opened. */
export function createFakeInstallations(github: Pick<FakeGitHub, "all" | "access" | "said">): FakeInstallations {
  let interference: ((repositoryId: number | "installations") => void) | undefined;
  return {
    interfere: (ask) => {
      interference = ask;
    },
    async *openPullRequests(signal, onTrouble) {
      signal.throwIfAborted();
      await Promise.resolve();
      interference?.("installations");
      if (!github.access().installed) return;
      const repositories = new Map(github.all().map(({ key }) => [key.repository.id, key]));
      for (const { installation, repository } of repositories.values()) {
        signal.throwIfAborted();
        try {
          interference?.(repository.id);
          if (github.access().revoked.has("pull_requests")) throw forbidden();
        } catch (error) {
          onTrouble({ repository: repository.id, installation }, error);
          continue;
        }
        const pullRequests = github
          .all()
          .filter(({ key, state }) => key.repository.id === repository.id && state === "open")
          .map((pr): OpenPullRequest => {
            const times = github.said(pr.key).map(({ updatedAt }) => updatedAt.getTime());
            return {
              number: pr.number,
              head: pr.head.sha,
              version: JSON.stringify([pr, times]),
              changedAt: new Date(Math.max(0, ...times)),
              traits: traitsOf(pr),
            };
          });
        yield { installation, repository, pullRequests };
        await Promise.resolve();
      }
    },
    async comments({ repository }, since, signal) {
      signal.throwIfAborted();
      await Promise.resolve();
      interference?.(repository.id);
      return github
        .all()
        .filter(({ key }) => key.repository.id === repository.id)
        .flatMap(({ key, number }) => github.said(key).map((said) => ({ ...said, pullRequest: number })))
        .filter(({ updatedAt }) => updatedAt >= since);
    },
  };
}

function forbidden(): FailureError {
  return new FailureError({
    kind: "operator",
    code: "github-access-missing",
    what: "The app may not read pull requests.",
    remedy: "Give it the permission.",
  });
}
