import type { ReactNode } from 'react';

// Wide holds a table that may be wider than the screen: it scrolls by itself, also by keyboard.
export function Wide({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="wide" role="region" aria-label={name} tabIndex={0}>
      {children}
    </div>
  );
}
