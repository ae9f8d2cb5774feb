import type { Tongue } from '~/text/snippets';
import type { ExplainedRefusal, NodeFinding, NodeSnippet } from './types';

// Finding is a mistake as the page shows it: with the two texts, where they differ (bytes of their UTF-8
// form), and the remedy by language.
export interface Finding {
  id: string;
  class: NodeFinding['class'];
  title: string;
  detail: string; // what shows it; may be empty
  verified_text: string | null;
  signed_text: string | null;
  differences: { verified: number[]; signed: number[] }[];
  fix: string;
  snippets: Partial<Record<Tongue, { lines: string[]; changed: number[] }>>;
}

// The node names languages as people do.
const tongues: Record<string, Tongue> = { curl: 'curl', Python: 'python', Node: 'node', 'C++': 'cpp' };

type Proof = NonNullable<ExplainedRefusal['proof']>;

// bytesOf turns places in code points into places in bytes.
function bytesOf({ text, differs }: Proof['verified']): number[] {
  const points = [...text];
  return differs.map((at) => new TextEncoder().encode(points.slice(0, at).join('')).length);
}

// snippetsOf gives the remedy in code, by language.
export const snippetsOf = (snippets: NodeSnippet[]): Finding['snippets'] =>
  Object.fromEntries(
    snippets.map((one) => [tongues[one.language] ?? one.language, { lines: one.lines, changed: [one.changed_line] }]),
  );

function shown(finding: NodeFinding, proof: Proof | null): Finding {
  return {
    ...finding,
    verified_text: proof?.verified.text ?? null,
    signed_text: proof?.signed.text ?? null,
    differences: proof ? [{ verified: bytesOf(proof.verified), signed: bytesOf(proof.signed) }] : [],
    snippets: snippetsOf(finding.snippets),
  };
}

// findingsOf gives what an autopsy found, the first with the texts that prove it; null: not examined yet.
export function findingsOf(autopsy: Pick<ExplainedRefusal, 'findings' | 'possible' | 'proof'>): Finding[] | null {
  const { findings, possible = [], proof = null } = autopsy;
  return findings && [...findings, ...possible].map((one, at) => shown(one, at === 0 ? proof : null));
}
