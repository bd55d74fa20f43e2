import { pullRequestsContract } from "./pull-requests.contract.ts";
import { playStandIn } from "./pull-requests-world.ts";

pullRequestsContract("on GitHub", () => playStandIn());
