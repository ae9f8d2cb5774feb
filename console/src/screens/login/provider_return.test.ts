import { describe, expect, it } from 'vitest';
import { isOwnPath } from './own_path';
import { answerIn, isLink } from './provider_answer';

describe('what an identity provider sends back', () => {
  it('is taken as it was written', () => {
    expect(answerIn('?code=12345678901234567890&state=in.a')).toEqual({ code: '12345678901234567890', state: 'in.a' });
    expect(answerIn('?code=4%2F0A&state=in.a&iss=https%3A%2F%2Fid.example.com')).toEqual({
      code: '4/0A',
      state: 'in.a',
      iss: 'https://id.example.com',
    });
  });
  it('may be a refusal', () => {
    expect(answerIn('?error=access_denied&state=in.a')).toBeNull();
    expect(answerIn('?code=a&state=in.a&error=x')).toBeNull();
    expect(answerIn('?code=a')).toBeNull();
    expect(answerIn('')).toBeNull();
  });
  it('says by its state what was begun', () => {
    expect(isLink('?code=a&state=link.b')).toBe(true);
    expect(isLink('?code=a&state=in.b')).toBe(false);
    expect(isLink('')).toBe(false);
  });
});

describe('a path to go on to', () => {
  it('is one of this page', () => {
    expect(isOwnPath('/keys?q=a')).toBe(true);
    for (const to of ['//evil.example', '/\\evil.example', 'https://evil.example', 'javascript:alert(1)', '', null]) {
      expect(isOwnPath(to)).toBe(false);
    }
  });
});
