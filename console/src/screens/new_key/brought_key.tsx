import { Alert, Button, Stack, Text, Textarea } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { fingerprint, recognise, type RecognisedKey } from '~/crypto/public_key';
import { Fault } from '~/parts/fault';
import { Code } from '~/parts/snippet';
import { typeNames } from '~/parts/type_badge';
import { proofCommand } from '~/text/snippets';
import type { Ask, OwnMaterial } from './material';

function Seen({ of }: { of: RecognisedKey }) {
  const { t } = useTranslation();
  // The PEM is the same key, in a form that can be compared.
  // eslint-disable-next-line @tanstack/query/exhaustive-deps
  const print = useQuery({ queryKey: ['fingerprint', of.pem], queryFn: () => fingerprint(of.spki) });
  return (
    <Alert color="green" icon={<IconCheck aria-hidden />} role="status">
      {t('brought.seen', { form: of.form, type: typeNames[of.type] + (of.rsaBits ? `-${of.rsaBits}` : '') })}{' '}
      <span className="mono wrap">{print.data}</span>
    </Alert>
  );
}

// BroughtKey takes a public key in any of its usual forms and the proof that its private half is at
// hand. A private key is refused before anything is sent.
export function BroughtKey({
  ask: askFor,
  value,
  onChange,
}: {
  ask: Ask;
  value: OwnMaterial | null;
  onChange: (material: OwnMaterial | null) => void;
}) {
  const { t } = useTranslation();
  const [text, setText] = useState(value?.kind === 'brought' ? value.key.pem : '');
  const read = recognise(text);
  const brought = value?.kind === 'brought' ? value : null;
  const ask = useMutation({
    mutationFn: (key: RecognisedKey) => askFor(key.pem),
    onSuccess: (challenge, key) => onChange({ kind: 'brought', key, challenge, signature: '' }),
  });
  const paste = (pasted: string) => {
    const key = recognise(pasted);
    // A private key is not kept, not even in this box.
    setText(key === 'private' ? '' : pasted);
    setPrivate(key === 'private');
    ask.reset();
    onChange(typeof key === 'string' ? null : { kind: 'brought', key, challenge: null, signature: '' });
  };
  const [wasPrivate, setPrivate] = useState(false);
  const wrong = wasPrivate ? 'private' : typeof read === 'string' && read !== 'empty' ? read : null;
  return (
    <Stack>
      <Textarea
        label={t('brought.label')}
        description={t('brought.hint')}
        placeholder="-----BEGIN PUBLIC KEY-----"
        autosize
        minRows={4}
        maxRows={10}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        value={text}
        onChange={(event) => paste(event.currentTarget.value)}
        onDrop={(event) => {
          const file = event.dataTransfer.files[0];
          if (file) {
            event.preventDefault();
            void file.text().then(paste);
          }
        }}
        error={wrong && t(`brought.wrong.${wrong}`)}
      />
      {brought && (
        <>
          <Seen of={brought.key} />
          {brought.challenge === null ? (
            <Button w="fit-content" loading={ask.isPending} onClick={() => ask.mutate(brought.key)}>
              {t('brought.prove')}
            </Button>
          ) : (
            <>
              <Text size="sm">{t('brought.run')}</Text>
              <Code
                text={proofCommand(brought.key.type, brought.challenge.text)}
                tongue="curl"
                label={t('brought.command')}
              />
              <Textarea
                label={t('brought.signature')}
                classNames={{ input: 'mono' }}
                autosize
                minRows={2}
                spellCheck={false}
                value={brought.signature}
                onChange={(event) => onChange({ ...brought, signature: event.currentTarget.value })}
              />
            </>
          )}
          {ask.isError && <Fault error={ask.error} />}
        </>
      )}
    </Stack>
  );
}
