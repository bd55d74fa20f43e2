import type { ProjectImage } from "../project/project.ts";

/** An image with the reference that its fingerprint gives it. */
export type NamedImage = { image: ProjectImage; fingerprint: string; reference: string };

/**
 * `reuse`: the registry has the very image that we built for this content before. `build`: it has to be built.
 * `same`: another image of this project has the same content, and what is built or reused for that one is taken; the
 * reference is that one's.
 */
export type ImagePlan = { image: ProjectImage; reference: string } & (
  | { do: "reuse"; digest: string }
  | { do: "build" }
  | { do: "same"; as: string }
);

/**
 * What has to be done for each image. One is reused only by the digest that we recorded when we built it (`recorded`)
 * and only if the registry still has that digest under its tag (`present`): whoever may push could have moved the tag.
 */
export function planImages(
  images: readonly NamedImage[],
  recorded: ReadonlyMap<string, string>,
  present: ReadonlyMap<string, string>,
): ImagePlan[] {
  return images.map(({ image, fingerprint, reference }, index): ImagePlan => {
    const first = images.slice(0, index).find((other) => other.fingerprint === fingerprint);
    if (first !== undefined) return { image, reference: first.reference, do: "same", as: first.image.name };
    const digest = recorded.get(reference);
    return digest !== undefined && digest === present.get(reference)
      ? { image, reference, do: "reuse", digest }
      : { image, reference, do: "build" };
  });
}
