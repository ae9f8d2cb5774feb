import { Card, Stack, Text, Title } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import type { ExaminedRequest } from '~/api/types';
import { Fault } from '~/parts/fault';
import { PageHead } from '~/parts/page_head';
import { ExaminedCard } from './examined_card';
import { PasteForm, type Question } from './paste_form';

// What can be mended stands before what cannot be told, and that before what is in order.
const order: ExaminedRequest['verdict'][] = ['explained', 'unknown_signature', 'format_only', 'nothing_wrong'];
const bestFirst = (requests: ExaminedRequest[]) =>
  requests.toSorted((a, b) => order.indexOf(a.verdict) - order.indexOf(b.verdict));

// Doctor explains requests that somebody pastes: those of their keys wholly, others as far as their form
// shows. The text is cleaned here and kept nowhere.
export function Doctor() {
  const { t } = useTranslation();
  const { t: m } = useTranslation('mending');
  const found = useRef<HTMLHeadingElement>(null);
  const examine = useMutation({
    gcTime: 0,
    mutationFn: (question: Question) => dataOf(api.POST('/doctor', { body: question })),
  });
  const { data, error, variables } = examine;
  useEffect(() => {
    if (data) {
      found.current?.focus();
    }
  }, [data]);
  return (
    <>
      <PageHead title={t('nav.doctor')}>{m('doctor.text')}</PageHead>
      <Stack gap="lg">
        <Card>
          <PasteForm busy={examine.isPending} ask={(question) => examine.mutate(question)} />
        </Card>
        {error && <Fault error={error} retry={() => variables && examine.mutate(variables)} />}
        {data && (
          <Stack gap="md">
            <Title order={2} ref={found} tabIndex={-1} aria-live="polite">
              {m('doctor.found', { count: data.requests.length })}
            </Title>
            {bestFirst(data.requests).map((one, at) => (
              <ExaminedCard key={`${one.line}-${at}`} of={one} />
            ))}
            {data.more > 0 && <Text c="dimmed">{m('doctor.more', { count: data.more })}</Text>}
          </Stack>
        )}
      </Stack>
    </>
  );
}
