// A hand that has a keyboard alone: what the journeys click, tick and fill is reached by Tab and the arrow keys, and
// pressed. What cannot be reached so fails, with the control that could not.
const pressesMax = 200;

// keyTo says which key leads from where the focus is towards the control, or null once it is there.
function keyTo(control) {
  const now = document.activeElement ?? document.body;
  if (now === control) {
    return null;
  }
  if (control.matches('[role="option"]')) {
    return control.hasAttribute('data-combobox-selected') ? null : 'ArrowDown'; // the focus stays with the field
  }
  const isBehind = (now.compareDocumentPosition(control) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0;
  // Of a group only one member stands in the order of Tab: arrows lead to the others.
  const group = control.closest('[role="radiogroup"], [role="tablist"], [role="menu"]');
  const isMember = control.matches('[role="tab"], [role="menuitem"], [role="radio"], input[type="radio"]');
  if (isMember && group?.contains(now)) {
    const lies = group.getAttribute('aria-orientation') ?? (group.matches('[role="tablist"]') ? 'horizontal' : 'vertical');
    const [on, back] = lies === 'horizontal' ? ['ArrowRight', 'ArrowLeft'] : ['ArrowDown', 'ArrowUp'];
    return isBehind ? on : back;
  }
  return isBehind || now === document.body ? 'Tab' : 'Shift+Tab';
}

// controlOf gives what takes the focus for an element: itself, its label's control, or what it stands in.
const controlOf = (element) =>
  element.closest('label')?.control ?? element.closest('[role="option"], a[href], button, input, select, textarea, summary, [tabindex]');

async function reach(locator) {
  const page = locator.page();
  const trail = [];
  for (let presses = 0; presses < pressesMax; ++presses) {
    const handle = await locator.elementHandle();
    const control = (await handle.evaluateHandle(controlOf)).asElement();
    if (!control) {
      throw new Error(`the keyboard cannot reach ${locator}: it is no control and stands in none`);
    }
    const key = await control.evaluate(keyTo);
    if (key === null) {
      return control;
    }
    await page.keyboard.press(key);
    trail.push(await page.evaluate(() => document.activeElement?.outerHTML.slice(0, 80)));
  }
  throw new Error(`the keyboard does not reach ${locator} within ${pressesMax} presses; it was last at\n${trail.slice(-6).join('\n')}`);
}

const isTicked = 'input[type="checkbox"], input[type="radio"], [role="checkbox"], [role="radio"], [role="switch"]';

// putAwayTheMouse changes how every page of this process is played from now on.
export function putAwayTheMouse(page) {
  const locators = Object.getPrototypeOf(page.locator('body'));
  const { click, fill } = locators;
  const press = async (locator, key) => {
    await click.call(locator, { trial: true }); // waits until it can be pressed at all
    const control = await reach(locator);
    await locator.page().keyboard.press(key ?? ((await control.evaluate((one, kinds) => one.matches(kinds), isTicked)) ? 'Space' : 'Enter'));
  };
  locators.click = function () {
    return press(this);
  };
  const tick = async (locator, wanted) => {
    if ((await locator.isChecked()) !== wanted) {
      await press(locator, 'Space');
    }
  };
  locators.check = function () {
    return tick(this, true);
  };
  locators.uncheck = function () {
    return tick(this, false);
  };
  locators.fill = async function (text) {
    await this.waitFor();
    await reach(this);
    return fill.call(this, text);
  };
}
