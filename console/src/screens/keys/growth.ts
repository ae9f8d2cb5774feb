import { useState } from 'react';

const step = 30;
const ahead = '600px';

// useGrowth says how many rows of a long list are drawn: some at once, more when their end comes near. Two hundred rows
// are ten thousand elements, and cost a second before anything can be pressed. `last` is drawn whatever its place.
// The mark goes behind the rows, with `drawn` for its key: each new one is looked at anew.
export function useGrowth(count: number, last: number) {
  const [grown, setGrown] = useState(step);
  const drawn = Math.min(count, Math.max(grown, last + step));
  const mark = (element: HTMLElement | null) => {
    if (!element) {
      return;
    }
    const observer = new IntersectionObserver(
      (seen) => seen.some((one) => one.isIntersecting) && setGrown(drawn + step),
      { rootMargin: ahead },
    );
    observer.observe(element);
    return () => observer.disconnect();
  };
  return { drawn, mark, hasMore: drawn < count };
}
