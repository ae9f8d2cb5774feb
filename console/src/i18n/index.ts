import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { en } from './en';

// Each language's catalogue is loaded when it is chosen; the keys are checked by the compiler.
export const languages = { en: 'English', zh: '简体中文' } as const;
export type Language = keyof typeof languages;

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'page';
    resources: { page: typeof en };
    returnNull: false;
  }
}

const kept = 'counterfoil.language';

async function load(language: Language) {
  if (!i18next.hasResourceBundle(language, 'page')) {
    const catalogue = language === 'zh' ? (await import('./zh')).zh : (await import('./en')).en;
    i18next.addResourceBundle(language, 'page', catalogue);
  }
}

function preferred(): Language {
  const kept_language = localStorage.getItem(kept);
  if (kept_language === 'en' || kept_language === 'zh') {
    return kept_language;
  }
  return navigator.language.startsWith('zh') ? 'zh' : 'en';
}

export function currentLanguage(): Language {
  return i18next.language === 'zh' ? 'zh' : 'en';
}

export async function speak(language: Language) {
  await load(language);
  await i18next.changeLanguage(language);
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
  await load(language);
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === 'zh' ? 'zh-Hans' : 'en';
}
