// What opens over the page: dialogs, menus, lists to choose from and the drawer, one row each, in the order in which they
// are opened. The rows of one place follow each other, so that it is gone to once; some leave a change that the next need.
//
//   name    for people, and the pictures
//   from    the file of console/src that draws it: everyDialogIsListed counts them
//   at      where it opens: a path, or a function of w that gives one
//   open    how; `is` is what then stands there
//   close   how it goes; Escape unless said otherwise
//   widths  where it is on narrow screens alone
//   anew    the page draws another list at another width, and what was opened from it goes: it is opened at each
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { allowOnly, button, call, confirm, idOnScreen, keep, newKey, shown, showTheft } from './steps.mjs';

const label = 'e2e looks';

// prepareKey makes an API key of its own, used once, for the dialogs of a key.
export async function prepareKey(w) {
  await newKey(w, { kind: /System-generated HMAC/, label });
  const secret = (await shown(w, 'Secret')).trim();
  w.looks = { id: await idOnScreen(w), sign: (text) => createHmac('sha256', secret).update(text).digest('hex') };
  await button(w, 'Next').click();
  assert.equal(await call(w, w.looks.id, w.looks.sign), 200);
}

const dialog = (name) => (w) => w.page.getByRole('dialog', { name, exact: typeof name === 'string' });
const menu = (w) => w.page.getByRole('menu');
const listbox = (w) => w.page.getByRole('listbox');
const item = (w, name) => w.page.getByRole('menuitem', { name, exact: true });
const field = (w, name) => w.page.getByLabel(name, { exact: true }).and(w.page.locator('input'));
const inDialog = (w, name) => w.page.getByRole('dialog').getByRole('button', { name, exact: true });
const stepUp = dialog('Confirm with your second factor');
const removeApp = (w) => button(w, 'Remove').last().click(); // the passkey's stands before it
const press = (name) => (w) => button(w, name).click();

const list = `/keys?q=${encodeURIComponent(label)}`;
const ofKey = (tab) => (w) => `/keys/${w.looks.id}?tab=${tab}`;
const security = '/settings?tab=security';
const webhooks = '/settings?tab=webhooks';
const people = '/admin/accounts';

async function chooseKey(w) {
  await w.page.getByRole('checkbox', { name: `Select ${label}` }).check();
}

async function beginRotation(w) {
  await w.page.getByRole('tabpanel').getByRole('button', { name: 'Rotate' }).click();
  await dialog(/^Rotate/)(w)
    .getByText('The pair is made')
    .waitFor();
}

// stillOnOld waits for the page to have seen that the old pair was used while the new one is there.
async function stillOnOld(w) {
  assert.equal(await call(w, w.looks.id, w.looks.sign), 200);
  await w.page.getByText('Still on the old pair').waitFor();
}

async function askRevocation(w) {
  await button(w, 'More actions').click();
  await item(w, 'Revoke').click();
  await dialog(/^Revoke/)(w)
    .getByLabel(`Type ${label} to confirm`)
    .fill(label);
}

// refuseToResume has the node refuse what the page asks of it.
async function refuseToResume(w) {
  const problem = {
    title: 'conflict',
    status: 409,
    reason: 'conflict',
    detail: 'Somebody else changed it.',
    request_id: 'req_e2e',
  };
  await w.page.route('**/resume', (route) =>
    route.fulfill({ status: 409, contentType: 'application/problem+json', body: JSON.stringify(problem) }),
  );
  await w.page.locator('[data-row-menu]').first().click();
  await item(w, 'Resume').click();
}

// haveSubAccount shows the page as somebody sees it whose account has another below it.
async function haveSubAccount(w) {
  await w.page.route('**/api/v1/session', async (route) => {
    const response = await route.fetch();
    const session = await response.json();
    const below = { ...session.accounts[0], id: 'e2e-below', name: 'E2E below', master: session.accounts[0].id };
    await route.fulfill({ response, json: { ...session, accounts: [...session.accounts, below] } });
  });
  await w.page.reload();
}

async function loseSubAccount(w) {
  await w.page.keyboard.press('Escape');
  await w.page.unroute('**/api/v1/session');
}

async function openDelivery(w) {
  if (!(await button(w, 'Redeliver').first().isVisible())) {
    await button(w, 'Send test').click();
  }
  await button(w, 'Show').first().click();
}

async function showSeed(w) {
  await button(w, 'Replace').click();
  await confirm(w);
  const seed = await w.page.getByText(/^[A-Z2-7]{4}( [A-Z2-7]{1,4}){5,}$/).innerText();
  keep(w, seed.replaceAll(' ', ''));
}

async function loseSession(w) {
  w.cookies = await w.context.cookies();
  await w.context.clearCookies();
  await button(w, 'Export').click();
}

export const dialogs = [
  { name: 'palette', from: 'app/palette.tsx', at: list, open: async (w) => {
    await button(w, /^Search/).click();
    await w.page.getByPlaceholder('Go to a screen or an API key').fill('e2e');
    await w.page.getByRole('dialog').getByText('e2e looks').waitFor();
  }, is: (w) => w.page.getByRole('dialog') },
  { name: 'menu of the user', from: 'app/header.tsx', at: list, open: press(/^Menu of Ana/), is: menu },
  { name: 'rail', from: 'app/shell.tsx', at: list, widths: [375], open: press('Main navigation'), is: (w) => w.page.getByRole('link', { name: 'Doctor' }), close: press('Main navigation') },
  { name: 'panic shield', from: 'screens/mass/panic_shield.tsx', at: list, open: press('Panic shield: suspend many API keys'), is: dialog('Panic shield') },
  { name: 'export of the list', from: 'screens/keys/keys.tsx', at: list, open: press('Export'), is: menu },
  { name: 'many, to suspend', from: 'screens/mass/mass_dialog.tsx', at: list, open: async (w) => {
    await chooseKey(w);
    await button(w, 'Suspend').click();
  }, is: dialog('Suspend 1 API key') },
  { name: 'many, to revoke', from: 'screens/mass/mass_dialog.tsx', at: list, open: press('Revoke'), is: dialog('Revoke 1 API key') },
  { name: 'menu of a row', from: 'screens/keys/row_menu.tsx', at: list, anew: true, open: (w) => w.page.locator('[data-row-menu]').first().click(), is: menu },
  { name: 'refused from a row', from: 'screens/keys/row_menu.tsx', at: (w) => `/keys?q=${w.ed25519.id}`, anew: true, open: refuseToResume, is: dialog('Resume'), close: async (w) => {
    await w.page.keyboard.press('Escape');
    await w.page.unroute('**/resume');
  } },
  { name: 'completions', from: 'screens/keys/key_search_box.tsx', at: '/keys?q=status', open: (w) => field(w, 'Search API keys').click(), is: listbox },

  { name: 'views of a key', from: 'screens/key/key.tsx', at: ofKey('overview'), widths: [375], open: (w) => field(w, 'View').click(), is: listbox },
  { name: 'more of a key', from: 'screens/key/key.tsx', at: ofKey('overview'), open: press('More actions'), is: menu },
  { name: 'edit', from: 'screens/key/edit_dialog.tsx', at: ofKey('overview'), open: async (w) => {
    await button(w, 'Edit').click();
    await dialog(/^Edit/)(w).getByLabel('Label').fill('x'.repeat(64));
  }, is: dialog(/^Edit/) },
  { name: 'suspend', from: 'screens/key/suspend_dialog.tsx', at: ofKey('overview'), open: press('Suspend'), is: dialog(/^Suspend/) },
  { name: 'suspended', from: 'screens/key/suspend_dialog.tsx', at: ofKey('overview'), open: async (w) => {
    await button(w, 'Suspend').click();
    await inDialog(w, 'Suspend').click();
    await w.page.getByText('In force everywhere').waitFor();
  }, is: dialog(/^Suspend/), close: async (w) => {
    await inDialog(w, 'Done').click();
    await button(w, 'Resume').click();
    await confirm(w);
  } },
  { name: 'reasons to filter by', from: 'screens/key/requests.tsx', at: (w) => `/keys/${w.ed25519.id}?tab=requests`, open: (w) => field(w, 'Reason').click(), is: listbox },
  { name: 'rotate', from: 'screens/key/rotate_dialog.tsx', at: ofKey('rotation'), open: beginRotation, is: dialog(/^Rotate/) },
  { name: 'rotated', from: 'screens/key/rotate_dialog.tsx', at: ofKey('rotation'), open: async (w) => {
    await beginRotation(w);
    await inDialog(w, 'Rotate').click();
    await confirm(w);
    await shown(w, 'Private key');
  }, is: dialog(/^Rotate/), close: (w) => inDialog(w, 'Done').click() },
  { name: 'end of the old pair', from: 'screens/key/rotation.tsx', at: ofKey('rotation'), open: async (w) => {
    await stillOnOld(w);
    await button(w, 'End the old pair now').click();
  }, is: dialog('The old pair is still in use') },
  { name: 'fix', from: 'screens/key/fix_dialog.tsx', at: ofKey('timeline'), open: async (w) => {
    await allowOnly(w, '192.0.2.7');
    assert.equal(await call(w, w.looks.id, w.looks.sign), 401);
    await showTheft(w);
  }, is: dialog(/^What is wrong/) },
  { name: 'fix, with its risk', from: 'screens/key/fix_dialog.tsx', at: ofKey('timeline'), open: async (w) => {
    await showTheft(w);
    await button(w, /^Yes, allow/).click();
    await w.page.getByText('Risk:').waitFor();
  }, is: dialog(/^What is wrong/) },
  { name: 'fix, waiting', from: 'screens/key/fix_dialog.tsx', at: ofKey('timeline'), open: async (w) => {
    await showTheft(w);
    await button(w, 'No: suspend this key now').click();
    await w.page.getByText('In force everywhere').waitFor();
  }, is: dialog(/^What is wrong/), close: (w) => inDialog(w, 'Done').click() },
  { name: 'revoke', from: 'screens/key/revoke_dialog.tsx', at: ofKey('timeline'), open: askRevocation, is: dialog(/^Revoke/) },
  { name: 'revoked', from: 'screens/key/revoke_dialog.tsx', at: ofKey('timeline'), open: async (w) => {
    await askRevocation(w);
    await inDialog(w, 'Revoke').click();
    await w.page.getByText('In force everywhere').waitFor();
  }, is: dialog(`${label} is revoked`) },

  { name: 'languages', from: 'screens/settings/profile_form.tsx', at: '/settings', open: (w) => field(w, 'Language').click(), is: listbox },
  { name: 'time zones', from: 'screens/settings/profile_form.tsx', at: '/settings', open: (w) => field(w, 'Time zone').click(), is: listbox },
  { name: 'accounts of notices', from: 'screens/settings/notice_matrix.tsx', at: '/settings?tab=notices', open: async (w) => {
    await haveSubAccount(w);
    await field(w, 'Account').click();
  }, is: listbox, close: loseSubAccount, anew: true }, // its field leaves the screen where the notices above it get longer
  { name: 'add a passkey', from: 'screens/settings/security.tsx', at: security, open: press('Add a passkey'), is: dialog('Add a passkey') },
  { name: 'add an app', from: 'screens/settings/security.tsx', at: security, open: showSeed, is: dialog('Add an authenticator app') },
  { name: 'step-up', from: 'app/step_up.tsx', at: security, open: removeApp, is: stepUp },
  { name: 'step-up by a recovery code', from: 'app/step_up.tsx', at: security, open: async (w) => {
    await removeApp(w);
    await button(w, 'Use a recovery code').click();
  }, is: stepUp },
  { name: 'recovery codes', from: 'screens/settings/security.tsx', at: security, open: async (w) => {
    await button(w, 'Make new ones').click();
    await confirm(w);
    w.codes = (await shown(w, 'Recovery codes')).split('\n');
  }, is: dialog('Save your recovery codes'), close: (w) => inDialog(w, 'Done').click() },

  { name: 'invite', from: 'screens/admin/invite_dialog.tsx', at: people, open: press('Invite somebody'), is: dialog('Invite somebody') },
  { name: 'accounts to invite to', from: 'screens/admin/invite_dialog.tsx', at: people, open: async (w) => {
    await button(w, 'Invite somebody').click();
    await field(w, 'Account').click();
  }, is: listbox, close: closeBoth },
  { name: 'roles to invite as', from: 'screens/admin/invite_dialog.tsx', at: people, open: async (w) => {
    await button(w, 'Invite somebody').click();
    await field(w, 'Role').click();
  }, is: listbox, close: closeBoth },
  { name: 'invited', from: 'screens/admin/invite_dialog.tsx', at: people, open: async (w) => {
    await button(w, 'Invite somebody').click();
    await field(w, 'E-mail').fill('cy@desk.example');
    await field(w, 'Role').click();
    await w.page.getByRole('option', { name: 'Auditor' }).click();
    await button(w, 'Make the link').click();
    await confirm(w);
    await shown(w, 'Invitation link');
  }, is: dialog('Invite somebody'), close: (w) => inDialog(w, 'Done').click() },
  { name: 'menu of a person', from: 'screens/admin/people.tsx', at: people, anew: true, open: press('Menu of Bo Larsen'), is: menu },
  { name: 'reset', from: 'screens/admin/reset_dialog.tsx', at: people, open: async (w) => {
    await button(w, 'Menu of Bo Larsen').click();
    await item(w, 'Offer a reset link').click();
  }, is: dialog('A new passphrase for Bo Larsen') },
  { name: 'reset, its link', from: 'screens/admin/reset_dialog.tsx', at: people, open: async (w) => {
    await button(w, 'Menu of Bo Larsen').click();
    await item(w, 'Offer a reset link').click();
    await button(w, 'Make the link').click();
    await confirm(w);
    await shown(w, 'Reset link');
  }, is: dialog('A new passphrase for Bo Larsen'), close: (w) => inDialog(w, 'Done').click() },
  { name: 'new account, with a wrong id', from: 'screens/admin/account_list.tsx', at: '/admin/accounts?tab=accounts', open: async (w) => {
    await button(w, 'Create account').click();
    await field(w, 'Id').fill('Not An Id');
  }, is: dialog('Create account') },
  { name: 'accounts of a new key', from: 'screens/new_key/rights_step.tsx', at: '/keys/new', open: async (w) => {
    await haveSubAccount(w);
    await w.page.getByText('The pair is made').waitFor();
    await button(w, 'Next').click();
    await field(w, 'Account').click();
  }, is: listbox, close: loseSubAccount },

  { name: 'accounts of webhooks', from: 'screens/settings/webhooks.tsx', at: webhooks, open: async (w) => {
    await haveSubAccount(w);
    await field(w, 'Account').click();
  }, is: listbox, close: loseSubAccount },
  { name: 'new webhook', from: 'screens/settings/webhook_form.tsx', at: webhooks, open: press('Add a webhook'), is: dialog('Add a webhook') },
  { name: 'new webhook, its secret', from: 'screens/settings/webhook_secret.tsx', at: webhooks, open: async (w) => {
    await button(w, 'Add a webhook').click();
    await w.page.getByLabel('URL').fill('https://localhost/a/long/path/that/does/not/fit/on/a/phone/in/one/line');
    await button(w, 'Make the webhook').click();
    await confirm(w);
    await shown(w, 'Secret of the webhook');
  }, is: dialog('Secret of the webhook'), close: (w) => inDialog(w, 'Done').click() },
  { name: 'change of a webhook', from: 'screens/settings/webhook_form.tsx', at: webhooks, open: press('Change'), is: dialog('Change') },
  { name: 'new secret of a webhook', from: 'screens/settings/webhook_secret.tsx', at: webhooks, open: async (w) => {
    await button(w, 'New secret').click();
    await confirm(w);
    await shown(w, 'Secret of the webhook');
  }, is: dialog('Secret of the webhook'), close: (w) => inDialog(w, 'Done').click() },
  { name: 'delivery', from: 'screens/settings/deliveries.tsx', at: webhooks, open: openDelivery, is: dialog('webhook.test') },
  { name: 'deletion of a webhook', from: 'screens/settings/webhook_card.tsx', at: webhooks, open: press('Delete'), is: dialog('Delete this webhook?') },

  { name: 'record of the audit log', from: 'screens/audit/audit.tsx', at: '/audit', open: (w) => w.page.locator('[data-control^="record-"]').first().click(), is: dialog(/^Record/) },
  { name: 'sign in again', from: 'app/sign_in_again.tsx', at: '/audit', open: loseSession, is: dialog('Sign in again'), close: async (w) => {
    await w.page.keyboard.press('Escape');
    await w.context.addCookies(w.cookies);
  } },
]; // prettier-ignore

async function closeBoth(w) {
  await w.page.keyboard.press('Escape');
  await listbox(w).waitFor({ state: 'hidden' });
  await w.page.keyboard.press('Escape');
  await w.page.getByRole('dialog').waitFor({ state: 'hidden' });
}
