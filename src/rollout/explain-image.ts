import { parseImageName } from "../objects/image-name.ts";
import { quote } from "../objects/words.ts";
import type { Explanation, Scene } from "./explanation.ts";

/** An image that the node cannot pull: a wrong name, no such tag, no permission, a limit, or a registry out of reach. */
export function imagePull({ image, message }: { image: string; message: string }, { subject }: Scene): Explanation {
  const named = quote(image);
  const cannot = `${subject} cannot start, because its image ${named}`;
  const host = parseImageName(image)?.host ?? "the registry";
  if (/invalid ?image ?name|invalid reference|couldn't parse image/i.test(message)) {
    return {
      code: "image-name-invalid",
      what: `${cannot} is no valid image name.`,
      remedy: "Correct it in the chart or its values; a value that is not set leaves a gap in the name.",
    };
  }
  if (/toomanyrequests|too many requests|rate limit|\b429\b/i.test(message)) {
    return {
      kind: "operator",
      code: "image-rate-limited",
      what: `${cannot} is not given out at the moment: ${quote(host)} limits how often it is asked.`,
      remedy: "Push again later. The operator can raise the limit with credentials or a mirror of the registry.",
      evidence: message,
    };
  }
  if (/no match for platform|no matching manifest/i.test(message)) {
    return {
      code: "image-platform",
      what: `${cannot} does not exist for the platform of the cluster's nodes.`,
      remedy: "Use a tag that is published for it.",
      evidence: message,
    };
  }
  // A registry answers a request for what does not exist like one for what it does not show.
  if (/unauthorized|authentication required|denied|forbidden|\b40[13]\b/i.test(message)) {
    return {
      code: "image-unauthorized",
      what: `${cannot} cannot be pulled: ${quote(host)} refuses it without permission, or there is no such repository.`,
      remedy:
        "Check the name first. For a private image bring a pull secret in the chart and name it in `imagePullSecrets`.",
      evidence: message,
    };
  }
  if (/not found|does not exist|manifest unknown|name unknown|\b404\b/i.test(message)) {
    return {
      code: "image-not-found",
      what: `${cannot} does not exist.`,
      remedy:
        "Correct its name or tag in the chart or its values. If it should have been built here, give it the same name under `images` in greenroom.yaml.",
      evidence: message,
    };
  }
  return {
    kind: "operator",
    code: "image-pull-failed",
    what: `${cannot} cannot be pulled from ${quote(host)}.`,
    remedy: "The registry may be out of reach. Push again to try once more, or ask the operator.",
    evidence: message,
  };
}
