/**
 * Icons that `@grafana/ui` requests and its package does not contain: of Grafana's 314 icons, the package has 211.
 * These are the icons of the components on the page; any other missing icon is a 404, so that somebody notices.
 */
const DRAWN: Readonly<Record<string, string>> = {
  // The green dot of a streaming panel.
  'mono/circle-mono': '<circle cx="12" cy="12" r="6"/>',
  // The left arrow of the time range picker; the package has the right one.
  'unicons/angle-double-left':
    '<path transform="matrix(-1 0 0 1 24 0)" d="M8.46,8.29A1,1,0,1,0,7,9.71L9.34,12,7,14.29a1,1,0,0,0,0,1.42,1,1,0,0,0,1.42,0l3-3a1,1,0,0,0,0-1.42Zm8.5,3-3-3a1,1,0,0,0-1.42,1.42L14.84,12l-2.3,2.29a1,1,0,0,0,0,1.42,1,1,0,0,0,1.42,0l3-3A1,1,0,0,0,17,11.29Z"/>',
  'unicons/spinner': arc(),
  'unicons/fa-spinner': arc(),
  // "Cancel query", over a panel that has been loading for two seconds.
  'unicons/sync-slash':
    '<g fill="none" stroke="#000" stroke-width="2" stroke-linecap="round"><path d="M20 12a8 8 0 0 1-13 6.2M4 12a8 8 0 0 1 13-6.2M4 4l16 16M17 2v4h-4M7 22v-4h4"/></g>',
};

function arc(): string {
  return '<path fill="none" stroke="#000" stroke-width="2" stroke-linecap="round" d="M12 3a9 9 0 1 1-9 9"/>';
}

/** The icon of a name such as `unicons/spinner`. */
export function drawnIcon(name: string): string | undefined {
  const shapes = Object.hasOwn(DRAWN, name) ? DRAWN[name] : undefined;
  return shapes && `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">${shapes}</svg>`;
}
