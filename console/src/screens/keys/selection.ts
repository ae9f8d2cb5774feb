import { useState } from 'react';

export interface Selection {
  ids: string[];
  size: number;
  has(id: string): boolean;
  toggle(id: string): void;
  setAll(ids: string[]): void;
}

export function useSelection(): Selection {
  const [ids, setIds] = useState<string[]>([]);
  const chosen = new Set(ids);
  return {
    ids,
    size: ids.length,
    has: (id) => chosen.has(id),
    toggle: (id) => setIds(chosen.has(id) ? ids.filter((one) => one !== id) : [...ids, id]),
    setAll: setIds,
  };
}
