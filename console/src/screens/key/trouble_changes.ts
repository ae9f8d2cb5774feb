import { useState } from 'react';
import type { KeyTrouble } from '~/api/types';

// nameOf tells two troubles of one key apart, and is the same while one lasts: of one cause there may be
// several, for several addresses or permissions, while counts and times go on.
export const nameOf = ({ id, title, remedies }: Pick<KeyTrouble, 'id' | 'title' | 'remedies'>): string =>
  [id, title, ...remedies.flatMap(({ kind, value, text }) => (value ? [value] : kind === 'edit' ? [text] : []))].join(
    ' ',
  );

interface Seen {
  first: ReadonlySet<string>; // what was there when somebody began to look
  last: readonly KeyTrouble[];
  gone: readonly KeyTrouble[];
}

// seen goes on with what is wrong now: what is there no longer is remembered, until it is there again.
export function seen(before: Seen | null, now: readonly KeyTrouble[]): Seen {
  const names = new Set(now.map(nameOf));
  const left = [...(before?.gone ?? []), ...(before?.last ?? [])].filter((one) => !names.has(nameOf(one)));
  return { first: before?.first ?? names, last: now, gone: left };
}

// useChanges says what came and what went since the list was first seen.
export function useChanges(troubles: KeyTrouble[] | undefined) {
  const [state, setState] = useState<Seen | null>(null);
  if (troubles && troubles !== state?.last) {
    setState(seen(state, troubles));
  }
  return {
    gone: state?.gone ?? [],
    isNew: (one: KeyTrouble) => state !== null && !state.first.has(nameOf(one)),
  };
}
