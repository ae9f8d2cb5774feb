import type { KeyRemedy } from '~/api/types';

// What is wrong with a key by its own record, by the ids that are no causes: in a sentence, and what to do.
export const troubles: Record<string, readonly [title: string, fix: string]> = {
  'unknown-signature': ['签名与任何尝试都不符。', '请打开该请求，查看从这里无法证明的可能原因。'],
  'account-suspended': ['此密钥所属的账户已暂停。', '请联系运维人员。'],
  'policy-notice': ['一项自动策略针对此密钥。', '请编辑此密钥：任何编辑都会撤销该通知。'],
  'expires-soon': ['此密钥即将过期。', '请续期，或及时新建另一个。'],
  'never-used': ['此密钥从未有请求被接受。', '请发送一个请求，并查看客户端自己的错误。'],
  'used-from-anywhere': ['此密钥可以从任何地方使用。', '请列出使用它的地址。'],
  'retiring-pair-in-use': ['仍有请求用旧密钥对签名，而它即将结束。', '请在它结束之前把新密钥对交给这些主机。'],
};

// What a remedy does, by its kind, where its own sentence is not known.
export const remedies: Record<KeyRemedy['kind'], string> = {
  suspend: '暂停此密钥：在恢复之前，它的所有请求都会被拒绝。',
  resume: '恢复此密钥：重新接受它的请求。',
  renew: '为此密钥续期。',
  allow_address: '把该地址加入 IP 白名单。',
  tick_permission: '为此密钥授予该权限。',
  rotate: '把此密钥轮换为新密钥对。',
  edit: '编辑此密钥。',
  client_change: '请在使用此密钥的客户端上修改。',
};

// What may come of it, of the kinds that let in more than before.
export const risks: Partial<Record<KeyRemedy['kind'], string>> = {
  resume: '任何拥有其机密或私钥的人都能再次使用它。',
  renew: '密钥有效多久，被复制走的机密就有效多久。',
  allow_address: '如果该地址不是您的，从那里发送的人就能做此密钥能做的一切。',
  tick_permission: '得到此密钥的人也会得到该权限。',
};
