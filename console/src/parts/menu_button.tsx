import { cloneElement, lazy, type ReactElement, Suspense, useState } from 'react';
import type { MenuProps } from './menu';

const load = () => import('./menu');
const Menu = lazy(() => load().then((m) => ({ default: m.Menu })));

// MenuButton gives a button its menu. The menu's library is fetched when the pointer or the focus comes
// near: lists have a menu in each row, and few are opened.
export function MenuButton({ target, ...menu }: MenuProps) {
  const [wanted, setWanted] = useState(false);
  const closed = cloneElement(target as ReactElement<Record<string, unknown>>, {
    'aria-haspopup': 'menu',
    'aria-expanded': false,
    onClick: () => setWanted(true),
    onPointerEnter: () => void load(),
    onFocus: () => void load(),
  });
  return wanted ? (
    <Suspense fallback={closed}>
      <Menu target={target} {...menu} />
    </Suspense>
  ) : (
    closed
  );
}
