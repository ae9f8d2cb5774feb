import { describe, expect, it } from 'vitest';
import type { KeyRemedy, Refusal, Usage } from '~/api/types';
import { nextOf, rightsOf } from './remedy';

const key = { allow_list: ['192.0.2.7'], permissions: ['USER_DATA'] };
const remedy = (kind: KeyRemedy['kind'], more: Partial<KeyRemedy> = {}): KeyRemedy => ({
  id: kind,
  kind,
  ours: true,
  text: '',
  risk: '',
  step_up: false,
  ...more,
});

describe('rightsOf', () => {
  it('keeps what the key has and adds one thing', () => {
    expect(rightsOf(remedy('allow_address', { value: '198.51.100.9' }), key)).toEqual({
      allow_list: ['192.0.2.7', '198.51.100.9'],
    });
    expect(rightsOf(remedy('tick_permission', { value: 'TRADE' }), key)).toEqual({
      permissions: ['USER_DATA', 'TRADE'],
    });
    expect(rightsOf(remedy('renew', { expires_at: '2026-05-30T12:00:00.000Z' }), key)).toEqual({
      expires_at: '2026-05-30T12:00:00.000Z',
    });
  });

  it.each(['suspend', 'resume', 'rotate', 'edit', 'client_change'] as const)('has no change for %s', (kind) => {
    expect(rightsOf(remedy(kind), key)).toBeNull();
  });
});

describe('nextOf', () => {
  const since = new Date('2026-03-01T12:00:00.000Z').getTime();
  const usage = (last_at: string) => ({ clients: [{ last_at, address: '192.0.2.7', route: 'GET /a' }] }) as Usage;
  const refusals = (time: string) => [{ time, request_id: 'r', reason: 'signature_wrong' }] as Refusal[];

  it('takes only what came after', () => {
    expect(nextOf(since, undefined, undefined)).toBeNull();
    expect(nextOf(since, usage('2026-03-01T12:00:00.000Z'), refusals('2026-03-01T11:59:59.999Z'))).toBeNull();
    expect(nextOf(since, usage('2026-03-01T12:00:00.001Z'), [])).toEqual({
      outcome: 'accepted',
      address: '192.0.2.7',
      route: 'GET /a',
    });
    expect(nextOf(since, undefined, refusals('2026-03-01T12:00:00.001Z'))).toEqual({
      outcome: 'refused',
      request_id: 'r',
      reason: 'signature_wrong',
    });
  });

  it('takes the later of two', () => {
    const used = usage('2026-03-01T12:00:05.000Z');
    expect(nextOf(since, used, refusals('2026-03-01T12:00:04.000Z'))?.outcome).toBe('accepted');
    expect(nextOf(since, used, refusals('2026-03-01T12:00:06.000Z'))?.outcome).toBe('refused');
  });
});
