const kept = 'counterfoil.shortcuts';

export const shortcutsOn = () => localStorage.getItem(kept) !== 'off';
export const setShortcuts = (on: boolean) => localStorage.setItem(kept, on ? 'on' : 'off');
