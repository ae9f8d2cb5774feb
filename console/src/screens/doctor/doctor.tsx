import { Alert, Button, Card, Group, List, Stack, Text, Textarea } from '@mantine/core';
import { IconCheck, IconShieldCheck, IconShieldLock } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import type { PastedRequest } from '~/api/types';
import { Empty } from '~/parts/empty';
import { Fault } from '~/parts/fault';
import { FindingCard } from '~/parts/finding_card';
import { PageHead } from '~/parts/page_head';
import { type Reading, readPasted } from '~/text/pasted';
import { shortId } from '~/text/words';

function Read({ of }: { of: Reading & { kind: 'read' } }) {
  const { t } = useTranslation();
  const { method, path, api_key } = of.request;
  return (
    <>
      <Group gap="xs" wrap="nowrap" align="flex-start" role="status">
        <IconCheck size={17} color="var(--accept)" aria-hidden style={{ flexShrink: 0, marginTop: 2 }} />
        <Text size="sm" className="wrap">
          {t('doctor.read', { form: t(`doctor.form.${of.form}`) })}
          {method && (
            <span className="mono">
              : {method} {path}
            </span>
          )}
          {api_key ? <span className="mono"> · {shortId(api_key)}</span> : ` · ${t('doctor.noKey')}`}
        </Text>
      </Group>
      {of.removed.length > 0 && (
        <Alert
          color="orange"
          icon={<IconShieldLock aria-hidden />}
          title={t('doctor.removed', { count: of.removed.length })}
        >
          <List size="sm" mb="xs">
            {of.removed.map(({ what, length }, i) => (
              <List.Item key={i}>
                {what}, <span className="mono">{'•'.repeat(Math.min(length, 12))}</span> ({length})
              </List.Item>
            ))}
          </List>
          <Text size="sm">{t('doctor.removedText')}</Text>
        </Alert>
      )}
    </>
  );
}

// Doctor explains a request that is pasted. It is taken apart here, and what looks like a secret stays here.
export function Doctor() {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const reading = readPasted(text);
  const ask = useMutation({
    gcTime: 0,
    mutationFn: (request: PastedRequest) => dataOf(api.POST('/doctor', { body: request })),
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (reading.kind === 'read') {
      ask.mutate(reading.request);
    }
  };
  const findings = ask.data?.findings ?? [];
  return (
    <>
      <PageHead title={t('doctor.title')}>{t('doctor.text')}</PageHead>
      <Stack gap="lg">
        <Card>
          <form onSubmit={submit}>
            <Stack>
              <Textarea
                label={t('doctor.label')}
                description={t('doctor.local')}
                placeholder={t('doctor.hint')}
                autosize
                minRows={5}
                maxRows={16}
                spellCheck={false}
                autoComplete="off"
                classNames={{ input: 'mono' }}
                value={text}
                onChange={(event) => {
                  setText(event.currentTarget.value);
                  ask.reset();
                }}
                error={
                  reading.kind === 'unread'
                    ? t('doctor.unread')
                    : reading.kind === 'too_long'
                      ? t('doctor.tooLong')
                      : undefined
                }
              />
              {reading.kind === 'read' && <Read of={reading} />}
              <Group>
                <Button type="submit" disabled={reading.kind !== 'read'} loading={ask.isPending}>
                  {t('doctor.act')}
                </Button>
              </Group>
            </Stack>
          </form>
        </Card>
        {ask.isError && <Fault error={ask.error} />}
        {ask.data && !ask.data.yours && <Alert color="gray">{t('doctor.notYours')}</Alert>}
        {ask.data && findings.length === 0 && (
          <Card>
            <Empty icon={IconShieldCheck} title={t('doctor.none')}>
              {t('doctor.noneText')}
            </Empty>
          </Card>
        )}
        <Stack aria-live="polite">
          {findings.map((one) => (
            <Card key={one.id} component="article">
              <FindingCard of={one} />
            </Card>
          ))}
        </Stack>
      </Stack>
    </>
  );
}
