// The first import of main.tsx. The component library writes style text through innerHTML; under
// `require-trusted-types-for 'script'` that throws unless a default policy lets it pass. Ours lets
// text without markup pass and refuses the rest, as well as every script.
interface Policies {
  createPolicy(
    name: string,
    rules: { createHTML(text: string): string; createScriptURL(url: string): string },
  ): unknown;
}

const policies = (globalThis as { trustedTypes?: Policies }).trustedTypes;

policies?.createPolicy('default', {
  createHTML(text) {
    if (text.includes('<')) {
      throw new TypeError('markup is written by React only');
    }
    return text;
  },
  createScriptURL(url) {
    if (new URL(url, location.href).origin !== location.origin) {
      throw new TypeError('scripts come from this origin only');
    }
    return url;
  },
});

export {};
