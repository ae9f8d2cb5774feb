import { expect, test } from 'vitest';
import { findingsOf } from './findings';
import type { ExplainedRefusal, NodeFinding } from './types';

const finding: NodeFinding = {
  id: 'payload-not-percent-encoded',
  class: 'proved',
  title: 'You encoded after signing.',
  detail: 'the signature fits the text before encoding',
  fix: 'Encode first.',
  snippets: [
    { language: 'Python', lines: ['a', 'b', 'c'], changed_line: 1 },
    { language: 'C++', lines: ['d', 'e', 'f'], changed_line: 2 },
  ],
};
const refusal = { request_id: 'r', verdict: 'explained', findings: [finding, finding] } as unknown as ExplainedRefusal;

test('the first finding has the texts, and where they differ in bytes', () => {
  const [first, second] = findingsOf({
    ...refusal,
    proof: { verified: { text: 'n=é%20', differs: [3, 6] }, signed: { text: 'n=é ', differs: [3, 4] } },
  })!;
  expect(first!.verified_text).toBe('n=é%20');
  expect(first!.differences).toEqual([{ verified: [4, 7], signed: [4, 5] }]);
  expect(first!.snippets).toEqual({
    python: { lines: ['a', 'b', 'c'], changed: [1] },
    cpp: { lines: ['d', 'e', 'f'], changed: [2] },
  });
  expect(second!.verified_text).toBeNull();
  expect(second!.differences).toEqual([]);
});

test('what was not examined has no findings, and an unknown signature what is possible', () => {
  expect(findingsOf({ ...refusal, findings: null })).toBeNull();
  expect(findingsOf({ ...refusal, findings: [], possible: [finding] })).toHaveLength(1);
});
