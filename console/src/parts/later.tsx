import { type ComponentType, lazy, type ReactNode, Suspense } from 'react';

// later loads a part of a screen when it is first shown: the first screen stays light. Until then
// `meanwhile` stands in its place.
export function later<P extends object>(load: () => Promise<ComponentType<P>>, meanwhile?: (props: P) => ReactNode) {
  const Part = lazy(() => load().then((component) => ({ default: component })));
  return function Later(props: P) {
    return (
      <Suspense fallback={meanwhile?.(props)}>
        <Part {...props} />
      </Suspense>
    );
  };
}

// LateDialog is Dialog for what stands on the first screen.
export const LateDialog = later(() => import('./dialog').then((m) => m.Dialog));
