// Where the focus goes back to when a dialog closes. A control is known by its element and, because lists
// and menus draw their buttons anew, by its name: data-control. Two that stand for each other, such as
// "suspend" and "resume", have one name.
interface Place {
  element: HTMLElement;
  control: string | undefined;
}

// The last thing that had the focus outside of dialogs, and the last one inside of one. A menu stands for
// the button that opens it: by the time a dialog closes, the menu is gone.
let outside: Place | null = null;
let inside: Place | null = null;

document.addEventListener('focusin', ({ target }) => {
  if (!(target instanceof HTMLElement)) {
    return;
  }
  const menu = target.closest('[role="menu"]');
  const element = menu ? document.getElementById(menu.getAttribute('aria-labelledby') ?? '') : target;
  if (!element) {
    return;
  }
  const place = { element, control: element.closest<HTMLElement>('[data-control]')?.dataset.control };
  if (element.closest('[role="dialog"]')) {
    inside = place;
  } else {
    outside = place;
  }
});

// opener is what a dialog that appears now was opened by: something in the dialog below it, if one stands.
export const opener = () => (inside?.element.isConnected ? inside : outside);

function focusOn({ element, control }: Place): boolean {
  const found = element.isConnected
    ? element
    : control && document.querySelector<HTMLElement>(`[data-control="${CSS.escape(control)}"]`);
  if (!found) {
    return false;
  }
  found.focus();
  return document.activeElement === found;
}

const settlesInMs = 3_000;

// giveFocusBack goes back to a place, and again when the page that a change has altered draws it anew: until
// it has settled, or the person does something. What is gone for good leaves the focus on the dialog below or,
// where there is none, on the screen.
export function giveFocusBack(to: Place | null) {
  const rest = to?.element.closest<HTMLElement>('[role="dialog"]') ?? document.getElementById('screen');
  const goBack = () => {
    if (to === null || !focusOn(to)) {
      rest?.focus();
    }
  };
  goBack();
  const acted = new AbortController();
  const watch = new MutationObserver(() => {
    if (document.activeElement === document.body || document.activeElement === rest) {
      goBack();
    }
  });
  const end = () => {
    watch.disconnect();
    acted.abort();
  };
  for (const act of ['pointerdown', 'keydown']) {
    document.addEventListener(act, end, { capture: true, signal: acted.signal });
  }
  watch.observe(document.body, { childList: true, subtree: true, attributes: true, attributeFilter: ['disabled'] });
  setTimeout(end, settlesInMs);
}
