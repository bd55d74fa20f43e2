import type { UserRecord } from "../store/records.ts";

/** A picture for an account: its first letter on a colour of its own; a bot's is square. */
export function avatarSvg({ id, login, type }: UserRecord): string {
  const hue = (id * 137) % 360;
  const letter = /[A-Za-z0-9]/.exec(login)?.[0]?.toUpperCase() ?? "?";
  const fill = type === "Bot" ? "#1f7a4d" : `hsl(${hue} 45% 45%)`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40"><rect width="40" height="40" rx="${type === "Bot" ? 9 : 20}" fill="${fill}"/><text x="20" y="27" text-anchor="middle" font-family="system-ui, sans-serif" font-size="19" font-weight="600" fill="#fff">${letter}</text></svg>`;
}
