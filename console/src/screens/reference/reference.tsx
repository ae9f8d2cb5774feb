import { Accordion, Badge, Code, Group, Stack, Text, TextInput, Title } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import spec from 'virtual:openapi';
import { PageHead } from '~/parts/page_head';
import { type Operation, operations, shapeOf } from './spec';

const colors: Record<string, string> = { GET: 'blue', POST: 'green', PATCH: 'orange', DELETE: 'red' };

function Parameters({ of }: { of: Operation }) {
  if (of.parameters.length === 0) {
    return null;
  }
  return (
    <dl className="facts">
      {of.parameters.map((one) => (
        <Group key={`${one.in} ${one.name}`} display="contents">
          <dt className="mono">
            {one.name}{' '}
            <Text span size="xs">
              ({one.in})
            </Text>
          </dt>
          <dd>
            {one.required ? '• ' : ''}
            {one.description ?? shapeOf(one.schema)}
          </dd>
        </Group>
      ))}
    </dl>
  );
}

// Reference shows the management API out of the very file that the page's types come from.
export function Reference() {
  const { t } = useTranslation();
  const { q = '' } = useSearch({ from: '/shell/reference' });
  const navigate = useNavigate({ from: '/reference' });
  const wanted = q.toLowerCase();
  const found = operations.filter((one) => `${one.method} ${one.path} ${one.summary}`.toLowerCase().includes(wanted));
  return (
    <>
      <PageHead title={t('nav.reference')}>
        {spec.info.title} {spec.info.version}
      </PageHead>
      <TextInput
        mb="lg"
        aria-label={t('reference.search')}
        placeholder={t('reference.search')}
        leftSection={<IconSearch size={16} aria-hidden />}
        value={q}
        onChange={(event) => {
          const text = event.currentTarget.value || undefined;
          void navigate({ search: { q: text }, replace: true });
        }}
      />
      <Stack gap="xl">
        {spec.tags.map((tag) => {
          const inTag = found.filter((one) => one.tag === tag.name);
          return inTag.length === 0 ? null : (
            <section key={tag.name}>
              <Title order={2}>{tag.name}</Title>
              <Text c="dimmed" mb="sm" lang="en">
                {tag.description}
              </Text>
              <Accordion variant="separated" chevronPosition="right">
                {inTag.map((one) => (
                  <Accordion.Item key={one.id} value={one.id}>
                    <Accordion.Control>
                      <Group gap="sm">
                        <Badge color={colors[one.method] ?? 'gray'} w={70}>
                          {one.method}
                        </Badge>
                        <span className="mono wrap">{one.path}</span>
                        <Text size="sm" c="dimmed" lang="en">
                          {one.summary}
                        </Text>
                      </Group>
                    </Accordion.Control>
                    <Accordion.Panel>
                      <Stack>
                        {one.description && (
                          <Text size="sm" lang="en">
                            {one.description}
                          </Text>
                        )}
                        <Parameters of={one} />
                        {one.body && (
                          <div>
                            <Text size="sm" fw={600} mb={4}>
                              {t('reference.body')}
                            </Text>
                            <Code block>{one.body}</Code>
                          </div>
                        )}
                        {one.answer && (
                          <div>
                            <Text size="sm" fw={600} mb={4}>
                              {t('reference.answer', { status: one.status })}
                            </Text>
                            <Code block>{one.answer}</Code>
                          </div>
                        )}
                      </Stack>
                    </Accordion.Panel>
                  </Accordion.Item>
                ))}
              </Accordion>
            </section>
          );
        })}
      </Stack>
    </>
  );
}
