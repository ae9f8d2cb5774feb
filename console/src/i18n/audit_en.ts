// English texts of the audit log.
export const auditEn = {
  text: 'Every change, by whom and from where, in a chain that proves that nothing was taken out.',
  export: 'Export',
  entry: 'Record {{seq}}',
  none: 'Nothing yet',
  noMatch: 'No loaded record matches',
  older: 'Load older',
  loaded_one: '{{count}} record loaded; filters look at it',
  loaded_other: '{{count}} records loaded; filters look at these',
  column: { actor: 'Who', action: 'Action', object: 'What', source: 'From', outcome: 'Outcome' },
  outcomes: { done: 'done', refused: 'refused' },
  // What was done, by the name that the node gives it.
  action: {
    account: {
      create: 'Create an account',
      resume: 'Resume an account',
      suspend: 'Suspend an account',
    },
    audit_key: {
      change: 'Change the key that signs the audit log',
    },
    audit_log: {
      create: 'Begin the audit log',
    },
    backup: {
      create: 'Make a backup',
      restore: 'Restore a backup',
    },
    clock: {
      confirm: "Confirm that the node's clock is right",
    },
    enrolment_link: {
      make: 'Make an enrolment link',
      sweep: 'Clear away enrolment links that ran out',
      use: 'Make a key pair through an enrolment link',
      withdraw: 'Withdraw an enrolment link',
    },
    identity: {
      link: 'Link an account at the identity provider',
      unlink: 'Unlink an account at the identity provider',
    },
    invitation: {
      make: 'Invite a person',
    },
    key: {
      back_out: 'Give up the new key pair',
      create: 'Create an API key',
      edit: 'Change an API key',
      end_retiring: 'End the old key pair',
      expire: 'API key expires',
      import: 'Import an API key',
      policy_clear: 'Policy: nothing is wrong any more',
      policy_notice: 'Policy: tell that something is wrong',
      policy_restrict: 'Policy: only read and cancel',
      remind: 'Remind of the expiry',
      resume: 'Resume an API key',
      revoke: 'Revoke an API key',
      rotate: 'Rotate: add a new key pair',
      suspend: 'Suspend an API key',
    },
    keys: {
      import: 'Import many API keys',
    },
    mass_action: {
      end: 'Mass action: done',
      forget: 'Mass action: forget what became of it',
      part: 'Mass action: one part',
      start: 'Mass action: begin',
      stop: 'Mass action: stop',
    },
    node: {
      reload: "Read the node's settings anew",
    },
    node_key: {
      make: "Make the node's key for receipts",
    },
    passkey: {
      add: 'Add a passkey',
      remove: 'Remove a passkey',
      rename: 'Rename a passkey',
    },
    password: {
      change: 'Change a passphrase',
      offer_reset: 'Offer a link to set a new passphrase',
      refuse_reset: 'Refuse to set a passphrase by a link',
      reset: 'Set a new passphrase by a link',
    },
    people: {
      sweep: 'Clear away invitations that ran out',
    },
    pepper: {
      create: 'Make the secret for keyed hashes',
    },
    person: {
      disable: 'Disable a person',
      edit: 'Change a person or their settings',
      enable: 'Enable a person again',
      enrol: 'A person joins',
      force_new_factor: 'Have a person set up a new second factor',
    },
    recovery_codes: {
      make: 'Make new recovery codes',
    },
    registry: {
      scrub: 'Erase replaced records for good',
    },
    root_key: {
      prepare: 'Prepare a change of the root key',
      rotate: 'Change the root key',
    },
    sealing_key: {
      create: 'Make a sealing key',
      destroy: 'Destroy a sealing key',
      renew: 'Seal records with the newest key',
      reserve: 'Count ahead the uses of a sealing key',
    },
    session: {
      end: 'End a session',
      open: 'Sign in',
    },
    setup: {
      token: 'Print a set-up link',
    },
    sign_in: {
      refuse: 'Refuse a sign-in',
    },
    step_up: {
      grant: 'Confirm with a second factor',
      refuse: 'Refuse a second factor',
      spend: 'Use what a second factor confirmed',
    },
    totp: {
      add: 'Add an authenticator app',
      begin: 'Begin to add an authenticator app',
      remove: 'Remove the authenticator app',
      replace: 'Replace the authenticator app',
    },
    upstream_event: {
      given_up: 'Tell the upstream: given up',
      overtaken: 'Tell the upstream: overtaken by another change',
      taken: 'Tell the upstream: taken',
    },
    webhook: {
      create: 'Make a webhook',
      delete: 'Delete a webhook',
      disable: 'Stop a webhook whose receiver fails',
      edit: 'Change a webhook',
      redeliver: 'Deliver to a webhook once more',
      refuse_address: "Refuse the address of a webhook's receiver",
      rotate_secret: 'Make a webhook a new secret',
      test: 'Test a webhook',
    },
  },
};
