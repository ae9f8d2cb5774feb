import type { auditEn } from './audit_en';
import type { Same } from './zh';

// Chinese texts of the audit log.
export const auditZh: Same<typeof auditEn> = {
  text: '每次更改，何人、从何处；链式记录可证明没有被删除。',
  export: '导出',
  entry: '记录 {{seq}}',
  none: '还没有记录',
  noMatch: '已加载的记录中没有符合的',
  older: '加载更早的',
  loaded_other: '已加载 {{count}} 条；筛选仅针对这些',
  column: { actor: '何人', action: '操作', object: '对象', source: '来源', outcome: '结果' },
  outcomes: { done: '完成', refused: '被拒绝' },
  // What was done, by the name that the node gives it.
  action: {
    account: {
      create: '创建账户',
      resume: '恢复账户',
      suspend: '暂停账户',
    },
    audit_key: {
      change: '更换签署审计日志的密钥',
    },
    audit_log: {
      create: '开始审计日志',
    },
    backup: {
      create: '创建备份',
      restore: '恢复备份',
    },
    clock: {
      confirm: '确认节点时钟正确',
    },
    enrolment_link: {
      make: '创建登记链接',
      sweep: '清除已过期的登记链接',
      use: '通过登记链接生成密钥对',
      withdraw: '撤回登记链接',
    },
    identity: {
      link: '关联身份提供方的账户',
      unlink: '取消关联身份提供方的账户',
    },
    invitation: {
      make: '邀请人员',
    },
    key: {
      back_out: '放弃新密钥对',
      create: '创建 API 密钥',
      edit: '编辑 API 密钥',
      end_retiring: '结束旧密钥对',
      expire: 'API 密钥过期',
      import: '导入 API 密钥',
      policy_clear: '策略：已无问题',
      policy_notice: '策略：提醒存在问题',
      policy_restrict: '策略：只能读取和撤单',
      remind: '过期提醒',
      resume: '恢复 API 密钥',
      revoke: '吊销 API 密钥',
      rotate: '轮换：添加新密钥对',
      suspend: '暂停 API 密钥',
    },
    keys: {
      import: '批量导入 API 密钥',
    },
    mass_action: {
      end: '批量操作：完成',
      forget: '批量操作：清除其结果',
      part: '批量操作：一部分',
      start: '批量操作：开始',
      stop: '批量操作：停止',
    },
    node: {
      reload: '重新读取节点设置',
    },
    node_key: {
      make: '生成节点签署回执的密钥',
    },
    passkey: {
      add: '添加通行密钥',
      remove: '移除通行密钥',
      rename: '重命名通行密钥',
    },
    password: {
      change: '更改密码短语',
      offer_reset: '提供重设密码短语的链接',
      refuse_reset: '拒绝通过链接重设密码短语',
      reset: '通过链接重设密码短语',
    },
    people: {
      sweep: '清除已过期的邀请',
    },
    pepper: {
      create: '生成带密钥散列的秘密',
    },
    person: {
      disable: '停用人员',
      edit: '更改人员或其设置',
      enable: '重新启用人员',
      enrol: '人员加入',
      force_new_factor: '要求人员设置新的第二因素',
    },
    recovery_codes: {
      make: '生成新的恢复码',
    },
    registry: {
      scrub: '彻底抹除被替换的记录',
    },
    root_key: {
      prepare: '准备更换根密钥',
      rotate: '更换根密钥',
    },
    sealing_key: {
      create: '生成密封密钥',
      destroy: '销毁密封密钥',
      renew: '用最新的密钥重新密封记录',
      reserve: '预留密封密钥的使用次数',
    },
    session: {
      end: '结束会话',
      open: '登录',
    },
    setup: {
      token: '打印设置链接',
    },
    sign_in: {
      refuse: '拒绝登录',
    },
    step_up: {
      grant: '用第二因素确认',
      refuse: '拒绝第二因素',
      spend: '使用第二因素的确认',
    },
    totp: {
      add: '添加验证器应用',
      begin: '开始添加验证器应用',
      remove: '移除验证器应用',
      replace: '更换验证器应用',
    },
    upstream_event: {
      given_up: '通知上游：已放弃',
      overtaken: '通知上游：已被其他更改取代',
      taken: '通知上游：已接收',
    },
    webhook: {
      create: '创建 Webhook',
      delete: '删除 Webhook',
      disable: '停止接收端失败的 Webhook',
      edit: '更改 Webhook',
      redeliver: '重新投递到 Webhook',
      refuse_address: '拒绝 Webhook 接收端的地址',
      rotate_secret: '为 Webhook 生成新密钥',
      test: '测试 Webhook',
    },
  },
};
