import { Alert, Anchor, Button, Collapse, FileButton, Group, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconShieldLock, IconStethoscope, IconUpload } from '@tabler/icons-react';
import { type DragEvent, type FormEvent, useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { slimHar } from '~/text/har';
import { redact, type Redacted } from '~/text/redact';
import { lineOf } from '~/text/redact';
import { count } from '~/text/words';
import { type Example, examples } from './examples';

const textMax = 256 * 1024; // bytes that the node reads
const fileMax = 32 * 1024 * 1024;

// Preview is the text as it will be sent, with what was taken out marked.
function Preview({ of }: { of: Redacted }) {
  const { t: m } = useTranslation('mending');
  const parts = [];
  let at = 0;
  for (const { from, to, kind } of of.marks) {
    parts.push(of.text.slice(at, from));
    parts.push(
      <mark key={from} title={m(`doctor.kind.${kind}`)}>
        {of.text.slice(from, to)}
      </mark>,
    );
    at = to;
  }
  parts.push(of.text.slice(at));
  return (
    <pre className="snippet preview" tabIndex={0} role="region" aria-label={m('doctor.preview')}>
      {parts}
    </pre>
  );
}

// Removed says what will not be sent.
function Removed({ of, cookies }: { of: Redacted; cookies: number }) {
  const { t: m } = useTranslation('mending');
  const total = of.marks.length + cookies;
  return (
    total > 0 && (
      <Alert
        color="orange"
        icon={<IconShieldLock aria-hidden />}
        role="status"
        title={m('doctor.removed', { count: total })}
      >
        <Text size="sm">{m('doctor.removedText')}</Text>
        <ul className="plain">
          {of.marks.slice(0, 10).map(({ from, kind }) => (
            <li key={from}>{m('doctor.removedAt', { kind: m(`doctor.kind.${kind}`), line: lineOf(of.text, from) })}</li>
          ))}
          {of.marks.length > 10 && <li>{m('doctor.removedMore', { count: of.marks.length - 10 })}</li>}
          {cookies > 0 && <li>{m('doctor.removedCookies', { count: cookies })}</li>}
        </ul>
      </Alert>
    )
  );
}

export interface Question {
  text: string;
  at?: string;
}

// PasteForm takes a text by paste or file, takes out what looks like a secret, and shows what is left
// before anything is sent.
export function PasteForm({ busy, ask }: { busy: boolean; ask: (question: Question) => void }) {
  const { t: m } = useTranslation('mending');
  const [text, setText] = useState('');
  const [at, setAt] = useState('');
  const [har, setHar] = useState<{ kept: number; dropped: number; cookies: number } | null>(null);
  const [fault, setFault] = useState('');
  const [over, setOver] = useState(false);
  const [shown, setShown] = useState(false);
  const late = useDeferredValue(text);
  const cleaned = useMemo(() => redact(late), [late]);
  const take = (given: string) => {
    const slim = slimHar(given);
    setHar(slim);
    setText(slim ? slim.text : given);
    setFault(slim?.kept === 0 ? m('doctor.harEmpty') : '');
  };
  const read = async (file: File | null | undefined) => {
    if (!file) {
      return;
    }
    if (file.size > fileMax) {
      setFault(m('doctor.fileLarge'));
      return;
    }
    take(await file.text());
  };
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    const [file] = event.dataTransfer.files;
    if (file) {
      void read(file);
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const sent = redact(text).text; // of what stands there now, not of a moment ago
    const bytes = new TextEncoder().encode(sent).length;
    if (sent.trim() === '') {
      setFault(m('doctor.nothing'));
    } else if (bytes > textMax) {
      setFault(m('doctor.tooLarge', { size: count(Math.ceil(bytes / 1024)) }));
    } else {
      setFault('');
      ask({ text: sent, ...(at && { at: `${at}${at.length === 16 ? ':00' : ''}Z` }) });
    }
  };
  const open = shown || cleaned.marks.length > 0;
  return (
    <form onSubmit={submit}>
      <Stack>
        <div
          data-over={over}
          className="drop"
          onDragOver={(event) => {
            event.preventDefault();
            setOver(true);
          }}
          onDragLeave={() => setOver(false)}
          onDrop={drop}
        >
          <Textarea
            label={m('doctor.paste')}
            description={m('doctor.pasteHint')}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
              setHar(null);
              setFault('');
            }}
            onPaste={(event) => {
              const given = event.clipboardData.getData('text');
              if (text === '' && slimHar(given)) {
                event.preventDefault();
                take(given);
              }
            }}
            error={fault}
            autosize
            minRows={8}
            maxRows={18}
            spellCheck={false}
            autoComplete="off"
            data-autofocus
            styles={{ input: { fontFamily: 'var(--mantine-font-family-monospace)', fontSize: '0.8125rem' } }}
          />
        </div>
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {m('doctor.examples')}
          </Text>
          {(Object.keys(examples) as Example[]).map((one) => (
            <Button key={one} size="compact-sm" variant="default" onClick={() => take(examples[one])}>
              {m(`doctor.example.${one}`)}
            </Button>
          ))}
          <FileButton onChange={(file) => void read(file)} accept=".har,.json,.txt,.log,.http">
            {(props) => (
              <Button {...props} size="compact-sm" variant="light" leftSection={<IconUpload size={14} aria-hidden />}>
                {m('doctor.file')}
              </Button>
            )}
          </FileButton>
        </Group>
        {har && (
          <Text size="sm" c="dimmed">
            {m('doctor.har', { kept: count(har.kept), count: har.dropped, dropped: count(har.dropped) })}
          </Text>
        )}
        <Removed of={cleaned} cookies={har?.cookies ?? 0} />
        {text.trim() !== '' && (
          <div>
            <Anchor component="button" type="button" size="sm" aria-expanded={open} onClick={() => setShown(!shown)}>
              {m('doctor.preview')}
            </Anchor>
            <Collapse expanded={open}>
              <Preview of={cleaned} />
            </Collapse>
          </div>
        )}
        <Group align="flex-end" justify="space-between">
          <TextInput
            type="datetime-local"
            step={1}
            label={m('doctor.at')}
            description={m('doctor.atHint')}
            value={at}
            onChange={(event) => setAt(event.currentTarget.value)}
          />
          <Button type="submit" loading={busy} leftSection={<IconStethoscope size={17} aria-hidden />}>
            {m('doctor.ask')}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
