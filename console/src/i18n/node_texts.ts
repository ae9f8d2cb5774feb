import { useSyncExternalStore } from 'react';
import type { ApiProblem } from '~/api/problem';
import type { KeyRemedy, KeyTrouble, NodeFinding, Permission, Refusal, SetupCheck } from '~/api/types';

// What the node says is English. NodeTexts says it in the person's language, by the stable names that
// come with it: of a cause, a reason, a remedy. What has no name here stays as the node said it.

// Said is a sentence in the person's language; `original` is what the node said, where that tells more.
export interface Said {
  text: string;
  original?: string;
}

type Texts<T, K extends keyof T> = Pick<T, K>;
type TroubleTexts = Texts<KeyTrouble, 'rank' | 'id' | 'title' | 'detail' | 'fix'>;

export interface NodeTexts {
  // A mistake that an autopsy found, and what was seen of it.
  finding(of: Texts<NodeFinding, 'id' | 'title' | 'detail' | 'fix'>): Texts<NodeFinding, 'title' | 'detail' | 'fix'>;
  // Why a request was refused; `name` is the reason in two words.
  refusal(of: Texts<Refusal, 'reason' | 'detail' | 'fix'>): Texts<Refusal, 'detail' | 'fix'> & { name: string };
  reason(name: string): string;
  trouble(of: TroubleTexts): Texts<KeyTrouble, 'title' | 'detail' | 'fix'>;
  remedy(of: Texts<KeyRemedy, 'kind' | 'text' | 'risk'>, trouble: TroubleTexts): Said & { risk: string };
  permission(of: Texts<Permission, 'label' | 'risk'>): Texts<Permission, 'label' | 'risk'>;
  // Why a call was not carried out, or what is wrong with a node.
  problem(of: Texts<ApiProblem, 'reason' | 'message'>): Said;
  // What a second factor confirms: the node's own words stay beside it.
  change(sentence: string): Said;
  check(of: Texts<SetupCheck, 'id' | 'text' | 'fix'>): Said & { fix: string };
  // Why a key or an account was suspended: what a person typed, or what the node wrote.
  cause(text: string): string;
  // How a pasted request is written down, and what is not sure of it.
  pasted(text: string): string;
  // Why a target behind the gateway failed.
  fault(name: string): string;
}

const same = (text: string) => text;
const english: NodeTexts = {
  finding: (of) => of,
  refusal: (of) => ({ ...of, name: of.reason }),
  reason: same,
  trouble: (of) => of,
  remedy: (of) => of,
  permission: (of) => of,
  problem: ({ message }) => ({ text: message }),
  change: (text) => ({ text }),
  check: ({ text, fix }) => ({ text, fix: fix ?? '' }),
  cause: same,
  pasted: same,
  fault: same,
};

let spoken = english;
const listeners = new Set<() => void>();

function become(texts: NodeTexts) {
  spoken = texts;
  listeners.forEach((tell) => tell());
}

let wanted = 'en';

// hearNodeIn has the node's texts in another language. Until they are there, and where they cannot be
// fetched, they are those of before.
export async function hearNodeIn(language: 'en' | 'zh') {
  wanted = language;
  const texts = language === 'en' ? english : await import('./node_zh').then((m) => m.chinese).catch(() => spoken);
  if (wanted === language) {
    become(texts);
  }
}

function listen(tell: () => void) {
  listeners.add(tell);
  return () => listeners.delete(tell);
}

export function useNodeTexts(): NodeTexts {
  return useSyncExternalStore(listen, () => spoken);
}
