// One line drawing a product, in the colour of its card.
const lines = {
  lantern: `<path d="M24 14a8 8 0 0 1 16 0M20 14h24M22 50h20M18 56h28M22 14v36M42 14v36"/><path class="fill" d="M32 24c5 6 6 9 6 13a6 6 0 0 1-12 0c0-4 1-7 6-13z"/>`,
  moon: `<path class="fill" d="M38 10a22 22 0 1 0 14 34 18 18 0 0 1-14-34z"/><path d="M46 4v10M50 22l2 5 5 2-5 2-2 5-2-5-5-2 5-2z"/>`,
  quill: `<path class="fill" d="M54 8C34 10 20 24 18 44c16-2 34-14 36-36z"/><path d="M44 18 10 56M26 36l10 2M32 28l10 1M8 58h20"/>`,
  crown: `<path class="fill" d="M10 46 8 20l13 12L32 12l11 20 13-12-2 26z"/><path d="M10 54h44"/><circle cx="32" cy="38" r="3"/>`,
  skull: `<path class="fill" d="M32 8a20 20 0 0 0-20 20c0 8 4 12 8 15v9h24v-9c4-3 8-7 8-15A20 20 0 0 0 32 8z"/><circle cx="24" cy="29" r="4"/><circle cx="40" cy="29" r="4"/><path d="m32 35-2 5h4zM28 52v-5M36 52v-5"/>`,
  rope: `<path d="M12 10c10 8 30 8 40 0M12 10v8c10 8 30 8 40 0v-8M32 24v10"/><path class="fill" d="M24 34h16l4 22H20z"/><path d="M28 36l-2 20M36 36l2 20M32 36v20"/>`,
};

/** An SVG picture of the product; a parcel where nobody has drawn it yet. */
export function drawing(product) {
  const inside = lines[product] ?? `<path class="fill" d="M10 20h44v34H10z"/><path d="m10 20 6-10h32l6 10M32 10v20"/>`;
  return `<svg viewBox="0 0 64 64" aria-hidden="true">${inside}</svg>`;
}
