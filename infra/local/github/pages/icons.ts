import { type Markup, trusted } from "./markup.ts";

function icon(paths: string): Markup {
  return trusted(
    `<svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round">${paths}</svg>`,
  );
}

const stem = '<circle cx="4" cy="3.5" r="1.75"/><circle cx="4" cy="12.5" r="1.75"/><path d="M4 5.25v5.5"/>';
const target = '<circle cx="12" cy="12.5" r="1.75"/>';

export const icons = {
  open: icon(`${stem}${target}<path d="M12 10.75V6.5a2 2 0 0 0-2-2H8M9.75 2.75 8 4.5l1.75 1.75"/>`),
  draft: icon(`${stem}${target}<path d="M12 3.5v.01M12 7v.01"/>`),
  merged: icon(
    '<circle cx="4" cy="3.5" r="1.75"/><circle cx="4" cy="12.5" r="1.75"/><circle cx="12" cy="8" r="1.75"/><path d="M4 5.25v5.5M4.2 5.2C5 7.2 7.4 8 10.25 8"/>',
  ),
  closed: icon(`${stem}${target}<path d="M12 10.75V7M10.5 2l3 3M13.5 2l-3 3"/>`),
  branch: icon(`${stem}<circle cx="12" cy="4.5" r="1.75"/><path d="M12 6.25c0 2.5-4 2-7.6 4.6"/>`),
  repository: icon(
    '<path d="M3 12.5V3.25C3 2.5 3.5 2 4.25 2H13v9.5H4.25c-.75 0-1.25.5-1.25 1.25S3.5 14 4.25 14H13v-2.5"/>',
  ),
  commit: icon('<circle cx="8" cy="8" r="2.75"/><path d="M.75 8h4.5M10.75 8h4.5"/>'),
  good: icon('<path d="m3 8.5 3.25 3.25L13 5"/>'),
  bad: icon('<path d="m4 4 8 8M12 4l-8 8"/>'),
  attention: icon('<circle cx="8" cy="8" r="6.25"/><path d="M8 4.75v4M8 11.25v.01"/>'),
  waiting: icon('<circle cx="8" cy="8" r="3.5" fill="currentColor"/>'),
  neutral: icon('<path d="M4 8h8"/>'),
  rocket: icon(
    '<path d="M9.5 11 5 6.5C6.5 3.5 9.5 1.75 14 2c.25 4.5-1.5 7.5-4.5 9zM5 6.5 2 7.5l2 2M9.5 11l-1 3-2-2M10.5 5.5v.01"/>',
  ),
  eye: icon(
    '<path d="M1.25 8S3.75 3.5 8 3.5 14.75 8 14.75 8 12.25 12.5 8 12.5 1.25 8 1.25 8z"/><circle cx="8" cy="8" r="1.75"/>',
  ),
} as const;
