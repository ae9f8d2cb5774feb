// The last thing outside of dialogs that had the focus. A menu stands for the button that opens it: by
// the time a dialog closes, the menu is gone.
let last: HTMLElement | null = null;

document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof HTMLElement) || target.closest('[role="dialog"]')) {
    return;
  }
  const menu = target.closest('[role="menu"]');
  last = menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : target;
});

export const opener = () => last;
