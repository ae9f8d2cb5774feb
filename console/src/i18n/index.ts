import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { auditEn } from './audit_en';
import type { en } from './en';
import { hearNodeIn } from './node_texts';
import type { mendingEn } from './mending_en';
import type { peopleEn } from './people_en';
import type { settingsEn } from './settings_en';
import type { webhooksEn } from './webhooks_en';

// Each language's catalogue is loaded when it is chosen; the keys are checked by the compiler.
export const languages = { en: 'English', zh: '简体中文' } as const;
export type Language = keyof typeof languages;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'page';
    resources: {
      page: typeof en;
      audit: typeof auditEn;
      people: typeof peopleEn;
      mending: typeof mendingEn;
      settings: typeof settingsEn;
      webhooks: typeof webhooksEn;
    };
    returnNull: false;
  }
}

const kept = 'counterfoil.language';

// The texts of screens that are seldom open are catalogues of their own: the first screen stays light.
const catalogues = {
  page: {
    en: () => import('./en').then((m) => m.en),
    zh: () => import('./zh').then((m) => m.zh),
  },
  audit: {
    en: () => import('./audit_en').then((m) => m.auditEn),
    zh: () => import('./audit_zh').then((m) => m.auditZh),
  },
  mending: {
    en: () => import('./mending_en').then((m) => m.mendingEn),
    zh: () => import('./mending_zh').then((m) => m.mendingZh),
  },
  people: {
    en: () => import('./people_en').then((m) => m.peopleEn),
    zh: () => import('./people_zh').then((m) => m.peopleZh),
  },
  settings: {
    en: () => import('./settings_en').then((m) => m.settingsEn),
    zh: () => import('./settings_zh').then((m) => m.settingsZh),
  },
  webhooks: {
    en: () => import('./webhooks_en').then((m) => m.webhooksEn),
    zh: () => import('./webhooks_zh').then((m) => m.webhooksZh),
  },
};
type Part = keyof typeof catalogues;
const parts = new Set<Part>(['page']);

async function load(language: Language) {
  for (const part of parts) {
    if (!i18next.hasResourceBundle(language, part)) {
      i18next.addResourceBundle(language, part, await catalogues[part][language]());
    }
  }
}

// withTexts gives a screen once the texts that only it needs are there, too.
export async function withTexts<T>(part: Part, screen: Promise<T>): Promise<T> {
  parts.add(part);
  await load(currentLanguage());
  return screen;
}

function preferred(): Language {
  const kept_language = localStorage.getItem(kept);
  if (kept_language === 'en' || kept_language === 'zh') {
    return kept_language;
  }
  return navigator.language.startsWith('zh') ? 'zh' : 'en';
}

// keepsLanguage: it was chosen in this browser.
export const keepsLanguage = () => localStorage.getItem(kept) !== null;

export function currentLanguage(): Language {
  return i18next.language === 'zh' ? 'zh' : 'en';
}

export async function speak(language: Language) {
  await load(language);
  await i18next.changeLanguage(language);
  void hearNodeIn(language);
  localStorage.setItem(kept, language);
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';
}

export async function startLanguages(language: Language = preferred()) {
  await i18next.use(initReactI18next).init({
    lng: language,
    ns: ['page'],
    defaultNS: 'page',
    resources: {},
    interpolation: { escapeValue: false }, // React writes text nodes
    react: { useSuspense: false },
  });
  void hearNodeIn(language);
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';
}
