import { useSyncExternalStore } from 'react';

// One timer for the page: what shows an age or a countdown comes round once a second, by the
// server's clock.
let offset = 0;
let now = Date.now();
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | undefined;

export function setServerTime(text: string) {
  offset = new Date(text).getTime() - Date.now();
}

export const serverNow = () => Date.now() + offset;

function subscribe(listener: () => void) {
  listeners.add(listener);
  timer ??= setInterval(() => {
    now = serverNow();
    listeners.forEach((tell) => tell());
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) {
      clearInterval(timer);
      timer = undefined;
    }
  };
}

export function useNow() {
  return useSyncExternalStore(subscribe, () => now);
}
