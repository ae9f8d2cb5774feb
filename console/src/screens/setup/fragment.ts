// takeFragment reads a one-time token from behind the # and takes it out of the address at once, so
// that it stands in no history, bookmark or screen share. It is kept in memory only.
const taken = new Map<string, string>();

export function takeFragment(name: string): string {
  const found = new URLSearchParams(location.hash.slice(1)).get(name);
  if (found !== null) {
    taken.set(name, found);
    history.replaceState(history.state, '', location.pathname);
  }
  return taken.get(name) ?? '';
}
