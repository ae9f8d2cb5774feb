// Chinese texts of the audit log.
export const auditZh = {
  text: '每次更改，何人、从何处；链式记录可证明没有被删除。',
  export: '导出',
  entry: '记录 {{seq}}',
  none: '还没有记录',
  noMatch: '已加载的记录中没有符合的',
  older: '加载更早的',
  loaded_other: '已加载 {{count}} 条；筛选仅针对这些',
  column: { actor: '何人', action: '操作', object: '对象', source: '来源', outcome: '结果' },
};
