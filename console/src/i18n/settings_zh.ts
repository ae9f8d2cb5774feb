// Chinese texts of the settings.
export const settingsZh = {
  profile: '个人资料',
  security: '登录方式',
  sessions: '会话',
  notices: '通知',
  webhooks: 'Webhook',
  language: '语言',
  theme: '主题',
  themes: { auto: '跟随系统', light: '浅色', dark: '深色' },
  shortcuts: '单字母快捷键',
  shortcutsHint: '列表中：j、k 移动，x 选择，回车打开，c 创建，/ 搜索。',
  zone: '时区',
  zones: { utc: 'UTC', local: '此浏览器的时区（{{zone}}）' },
  zoneNow: '时间显示为：',
  saved: '已保存',
};
