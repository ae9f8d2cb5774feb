import { Button, Group, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { profileQuery } from '~/api/queries';
import { useSession } from '~/app/session';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { PermissionPicker } from '~/parts/permission_picker';
import { accountChoices } from '~/text/account_choices';
import { type Draft, templates } from './draft';

export function RightsStep({ draft, onChange }: { draft: Draft; onChange: (part: Partial<Draft>) => void }) {
  const { t } = useTranslation();
  const { accounts } = useSession();
  const { data, error, refetch } = useQuery(profileQuery);
  if (error) {
    return <Fault error={error} retry={() => void refetch()} />;
  }
  if (!data) {
    return <Loading rows={5} />;
  }
  return (
    <Stack>
      <Group align="flex-start" grow preventGrowOverflow={false} wrap="wrap">
        <TextInput
          label={t('edit.label')}
          description={t('wizard.labelHint')}
          placeholder="mm-bot-3"
          value={draft.label}
          onChange={(event) => onChange({ label: event.currentTarget.value })}
          maxLength={64}
          miw={220}
          data-autofocus
        />
        {accounts.length > 1 && (
          <Select
            label={t('word.account')}
            description={t('wizard.accountHint')}
            data={accountChoices(accounts)}
            value={draft.account}
            onChange={(account) => account && onChange({ account })}
            allowDeselect={false}
            miw={220}
          />
        )}
      </Group>
      <Group gap="xs" role="group" aria-label={t('wizard.templates')}>
        <Text size="sm" c="dimmed">
          {t('wizard.templates')}
        </Text>
        {(Object.keys(templates) as (keyof typeof templates)[]).map((name) => (
          <Button
            key={name}
            size="compact-sm"
            variant="default"
            onClick={() =>
              onChange({ permissions: templates[name].filter((one) => data.permissions.some((p) => p.name === one)) })
            }
          >
            {t(`template.${name}`)}
          </Button>
        ))}
      </Group>
      <PermissionPicker
        all={data.permissions}
        value={draft.permissions}
        onChange={(permissions) => onChange({ permissions })}
      />
      <TagsInput
        label={t('edit.symbols')}
        description={t('edit.symbolsHint')}
        placeholder={draft.symbols.length === 0 ? 'BTCUSDT, ETHUSDT' : undefined}
        value={draft.symbols}
        onChange={(symbols) => onChange({ symbols: symbols.map((one) => one.toUpperCase()) })}
        splitChars={[',', ' ']}
        maxTags={30}
        acceptValueOnBlur
      />
    </Stack>
  );
}
