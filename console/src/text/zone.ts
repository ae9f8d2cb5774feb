// In which zone a person reads times: UTC, or that of their browser. The node speaks UTC alone; this changes what the
// page shows, on this machine only.

const kept = 'counterfoil.zone';

export type Zone = 'utc' | 'local';
export const zone = (): Zone => (localStorage.getItem(kept) === 'local' ? 'local' : 'utc');
export const keepsZone = () => localStorage.getItem(kept) !== null;
export const setZone = (to: Zone) => localStorage.setItem(kept, to);

export const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone;
export const zoneName = () => (zone() === 'utc' ? 'UTC' : browserZone());

// offsetAt is how far that zone's clocks are ahead of UTC at an instant, in minutes. The browser's zone has more than
// one where clocks are changed twice a year.
export const offsetAt = (time: string | number) => (zone() === 'utc' ? 0 : -new Date(time).getTimezoneOffset());

// startOf is when a day ("2026-03-01") begins in that zone, in milliseconds since 1970.
export const startOf = (day: string) => Date.parse(`${day}T00:00:00${zone() === 'utc' ? 'Z' : ''}`);
