import { conversationContract } from "./conversation.contract.ts";
import { playStandIn } from "./pull-requests-world.ts";

conversationContract("on GitHub", () => playStandIn());
