/** A repository that the app may see, with its open pull requests. */
export type OpenPullRequests = {
  installation: number;
  repository: { id: number; nodeId: string };
  pullRequests: readonly { number: number; head: string }[];
};

/** Where the app is installed, for whoever compares everything with everything. */
export type Installations = {
  /**
   * All open pull requests of all installations, repository by repository. What has not changed since it was asked last
   * costs nothing of GitHub's limit. A repository that cannot be read now is left out and named by `onTrouble`, so that
   * nobody takes it for one without pull requests.
   */
  openPullRequests(
    signal: AbortSignal,
    onTrouble: (repository: { id: number } | { installation: number }, error: unknown) => void,
  ): AsyncIterable<OpenPullRequests>;
};
