import { type ComponentType, lazy, Suspense } from 'react';

// later loads a part of a screen when it is first shown: the first screen stays light.
export function later<P extends object>(load: () => Promise<ComponentType<P>>) {
  const Part = lazy(() => load().then((component) => ({ default: component })));
  return function Later(props: P) {
    return (
      <Suspense fallback={null}>
        <Part {...props} />
      </Suspense>
    );
  };
}
