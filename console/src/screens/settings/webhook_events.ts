import type { WebhookEvent } from '~/api/types';

// What webhooks are told of, each with what tells the same in the console (text/notice.ts).
export const webhookEvents: Record<WebhookEvent, string> = {
  'key.created': 'key.create',
  'key.changed': 'key.edit',
  'key.rotated': 'key.rotate',
  'key.suspended': 'key.suspend',
  'key.resumed': 'key.resume',
  'key.revoked': 'key.revoke',
  'key.expiring': 'key.remind',
  'key.expired': 'key.expire',
  'key.noticed': 'key.policy_notice',
  'key.restricted': 'key.policy_restrict',
  'account.suspended': 'account.suspend',
  'account.resumed': 'account.resume',
};

export const allEvents = Object.keys(webhookEvents) as WebhookEvent[];
