import type { NodeTexts } from '../node_texts';
import { causes } from './causes';
import { remedies, risks, troubles } from './of_keys';
import { outlines, problems } from './problems';
import { reasons } from './reasons';
import { translator } from './sentence';
import * as sentences from './sentences';

const permission = translator(sentences.permissions);

// What stands for a value in the sentence that a second factor confirms.
const values: Record<string, Record<string, string>> = {
  allow_list: { anywhere: '任何地址' },
  expires_at: { never: '永不过期' },
  permissions: { none: '无' },
  role: { owner: '所有者', operator: '运维', auditor: '审计员', holder: '持有人' },
  symbols: { 'every symbol': '全部' },
};
const massAction = translator(
  [
    ['{verb} every API key there is', '{verb}现有的每个 API 密钥'],
    ['{verb} {count} listed API keys', '{verb}列出的 {count} 个 API 密钥'],
    ['{verb} the API keys of {conditions}', '{verb}符合条件的 API 密钥：{conditions}'],
  ],
  (name, value) => (name === 'verb' ? ({ suspend: '暂停', resume: '恢复', revoke: '吊销' }[value] ?? value) : value),
);
const unshown: Record<string, string> = { '(not shown)': '（不显示）', '(nothing)': '（空）', '(unknown)': '（未知）' };
const change = translator(
  sentences.changes,
  (name, value) =>
    values[name]?.[value] ?? unshown[value] ?? (name === 'object' ? massAction(value) : undefined) ?? value,
);

const ofKey = translator(sentences.ofKeys, (name, value) =>
  name === 'meaning' ? (permission(value) ?? value) : value,
);
const seen = translator(sentences.seen);
const faults: Record<string, string> = {
  unreachable: '无法连接',
  timeout: '超时',
  broken: '响应异常',
  unwell: '探测不正常',
};
const ofNode = translator(sentences.ofNodes, (name, value) => (name === 'fault' ? (faults[value] ?? value) : value));
const pasted = translator(sentences.pasted);

export const chinese: NodeTexts = {
  finding: ({ id, title, detail, fix }) => {
    const known = causes[id] ?? [title, fix];
    return { title: known[0], detail: seen(detail) ?? detail, fix: known[1] };
  },
  refusal: ({ reason, detail, fix }) => {
    const known = reasons[reason];
    return known ? { name: known[0], detail: known[1], fix: known[2] } : { name: reason, detail, fix };
  },
  reason: (name) => reasons[name]?.[0] ?? name,
  trouble: ({ rank, id, title, detail, fix }) => {
    // Of a possible theft the sentence says more than its cause.
    const known = troubles[id] ?? (rank === 'possible_theft' ? undefined : causes[id]);
    return {
      title: ofKey(title) ?? known?.[0] ?? title,
      detail: ofKey(detail) ?? detail,
      fix: ofKey(fix) ?? known?.[1] ?? fix,
    };
  },
  remedy: ({ kind, text, risk }, trouble) => {
    const said = text === trouble.fix ? chinese.trouble(trouble).fix : ofKey(text);
    return {
      text: said ?? remedies[kind],
      ...(said === undefined && { original: text }),
      risk: risk && (ofKey(risk) ?? permission(risk) ?? risks[kind] ?? risk),
    };
  },
  permission: ({ label, risk }) => ({ label: permission(label) ?? label, risk: permission(risk) ?? risk }),
  problem: ({ reason, message }) => {
    const whole = ofNode(message) ?? problems[reason];
    if (whole !== undefined) {
      return { text: whole };
    }
    const outline = outlines[reason];
    if (outline !== undefined) {
      return { text: outline, original: message };
    }
    const known = reasons[reason];
    return known ? { text: `${known[1]}${known[2]}`, original: message } : { text: message };
  },
  change: (text) => {
    const said = change(text);
    return said === undefined ? { text } : { text: said, original: text };
  },
  check: ({ id, text, fix }) => {
    const said = ofNode(text);
    const what = said === undefined ? chinese.problem({ reason: id, message: text }) : { text: said };
    return { ...what, fix: fix ? (ofNode(fix) ?? fix) : '' };
  },
  cause: (text) => ofKey(text) ?? text,
  pasted: (text) => pasted(text) ?? text,
  fault: (name) => faults[name] ?? name,
};
