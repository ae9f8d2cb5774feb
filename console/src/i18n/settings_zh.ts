// Chinese texts of the settings.
export const settingsZh = {
  profile: '个人资料',
  security: '登录方式',
  sessions: '会话',
  notices: '通知',
  webhooks: 'Webhook',
  management: '管理密钥',
  language: '语言',
  theme: '主题',
  themes: { auto: '跟随系统', light: '浅色', dark: '深色' },
  shortcuts: '单字母快捷键',
  shortcutsHint: '列表中：j、k 移动，x 选择，回车打开，c 创建，/ 搜索。',
  zone: '时区',
  zones: { utc: 'UTC', local: '此浏览器的时区（{{zone}}）' },
  zoneNow: '时间显示为：',
  saved: '已保存',
  managing: {
    text: '程序用这些 API 密钥调用管理 API，无需登录。每个密钥只能做其权限允许的事；创建、放宽和恢复密钥只能由人进行。',
    opens: '各权限允许什么',
    none: '还没有管理密钥',
    noneText:
      '有了这种 API 密钥，您的程序可以查看有哪些密钥、使用情况如何，并停用异常的密钥：夜间值守、监控、脚本。请先从只读的权限开始。',
    noPermission: '此节点的配置文件没有向程序开放管理 API 的权限。可在其文件中用 management 给出。',
    create: '创建管理密钥',
    permission: '权限',
    from: '{{address}} · {{client}}',
  },
};
