import { useEffect, useEffectEvent, useState } from 'react';
import { shortcutsOn } from '~/screens/settings/shortcuts';

// useRowKeys lets the list be worked with single letters: j and k move, x selects, Enter opens, . opens
// the row's menu, c creates. They can be turned off, and do nothing while somebody types.
export function useRowKeys(
  rows: number,
  act: { open: (at: number) => void; select: (at: number) => void; create: () => void; search: () => void },
) {
  const [at, setAt] = useState(-1);
  const here = Math.min(at, rows - 1);
  const press = useEffectEvent((event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    const isTyping = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
    const isInDialog = target.closest('[role="dialog"], [role="menu"]') !== null;
    if (!shortcutsOn() || isTyping || isInDialog || event.ctrlKey || event.metaKey || event.altKey) {
      return;
    }
    const move = (to: number) => {
      setAt(to);
      document.querySelector(`[data-row="${to}"]`)?.scrollIntoView({ block: 'nearest' });
    };
    const onControl = /^(A|BUTTON)$/.test(target.tagName);
    const acts: Record<string, (() => void) | undefined> = {
      j: () => move(Math.min(here + 1, rows - 1)),
      k: () => move(Math.max(here - 1, 0)),
      x: here >= 0 ? () => act.select(here) : undefined,
      Enter: here >= 0 && !onControl ? () => act.open(here) : undefined,
      '.': () => document.querySelector<HTMLElement>(`[data-row="${here}"] [data-row-menu]`)?.click(),
      c: act.create,
      '/': act.search,
    };
    const chosen = acts[event.key];
    if (chosen) {
      event.preventDefault();
      chosen();
    }
  });
  useEffect(() => {
    const listener = (event: KeyboardEvent) => press(event);
    document.addEventListener('keydown', listener);
    return () => document.removeEventListener('keydown', listener);
  }, []);
  return here;
}
