import { Box, Stack, Tabs, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { parse } from 'sugar-high/core';
import * as cpp from 'sugar-high/lang/cpp';
import * as python from 'sugar-high/lang/python';
import * as shell from 'sugar-high/lang/shell';
import type { KeyType } from '~/api/types';
import { snippet, snippetTongues, type Tongue } from '~/text/snippets';
import { CopyButton } from './copy_button';

const languages = { curl: shell, python, node: {}, cpp } as const;
const names: Record<Tongue, string> = { curl: 'curl', python: 'Python', node: 'Node', cpp: 'C++' };

const colors: Record<string, string | undefined> = {
  keyword: 'light-dark(#8a3ab0, #d6a4f0)',
  string: 'light-dark(#1b6e46, #7fd6a6)',
  comment: 'var(--quiet)',
  class: 'light-dark(#a34412, #f0b08a)',
  entity: 'light-dark(#2e46a0, #9cb0f2)',
};

// Code shows a text in colours, as text nodes only. A line that is `changed` is marked.
export function Code({
  text,
  tongue,
  label,
  changed = [],
}: {
  text: string;
  tongue: Tongue;
  label: string;
  changed?: number[];
}) {
  const { t } = useTranslation();
  const lines = parse(text.trimEnd(), languages[tongue]).lines;
  return (
    <Box pos="relative">
      <pre className="snippet" tabIndex={0} role="region" aria-label={label}>
        <code>
          {lines.map((line, at) => (
            <span key={line.index} className={changed.includes(at) ? 'changed' : undefined}>
              {changed.includes(at) && <span className="unseen">{t('snippet.changed')} </span>}
              {line.tokens.map((token, i) => (
                <span key={i} style={{ color: colors[token.type] }}>
                  {token.value}
                </span>
              ))}
              {!changed.includes(at) && '\n'}
            </span>
          ))}
        </code>
      </pre>
      <Box pos="absolute" top={8} right={8}>
        <CopyButton value={text} what={label} />
      </Box>
    </Box>
  );
}

// Tongues shows the same in several languages, one at a time.
export function Tongues({
  of,
  label,
}: {
  of: Partial<Record<Tongue, { lines: string[]; changed: number[] }>>;
  label: (language: string) => string;
}) {
  const { t } = useTranslation();
  const present = snippetTongues.filter((tongue) => of[tongue]);
  return (
    <Tabs defaultValue={present[0]} keepMounted={false}>
      <Tabs.List mb="sm" aria-label={t('snippet.languages')}>
        {present.map((tongue) => (
          <Tabs.Tab key={tongue} value={tongue}>
            {names[tongue]}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      {present.map((tongue) => (
        <Tabs.Panel key={tongue} value={tongue}>
          <Code
            text={of[tongue]!.lines.join('\n')}
            changed={of[tongue]!.changed}
            tongue={tongue}
            label={label(names[tongue])}
          />
        </Tabs.Panel>
      ))}
    </Tabs>
  );
}

// Snippet writes a first signed call. `file` is what the secret half was saved as, without the ending.
export function Snippet({
  type,
  gateway,
  apiKey,
  path,
  file,
}: {
  type: KeyType;
  gateway: string;
  apiKey: string;
  path: string;
  file?: string | undefined;
}) {
  const { t } = useTranslation();
  const of = Object.fromEntries(
    snippetTongues.map((tongue) => [
      tongue,
      { lines: snippet(tongue, type, gateway, apiKey, path, file).split('\n'), changed: [] },
    ]),
  );
  const ending = type === 'hmac-sha256' ? 'env' : 'pem';
  return (
    <Stack gap="xs">
      {file && <Text size="sm">{t('snippet.where', { file: `${file}.${ending}` })}</Text>}
      <Tongues of={of} label={(language) => t('snippet.label', { language })} />
    </Stack>
  );
}
