import { Text, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';

export const isAnywhere = (list: string[]) => list.length === 1 && list[0] === 'any';

// Addresses says from where a key may be used, in one line.
export function Addresses({ list, all = false }: { list: string[]; all?: boolean }) {
  const { t } = useTranslation();
  if (isAnywhere(list)) {
    return (
      <Text span inherit fw={600} c="var(--warn)">
        {t('address.any')}
      </Text>
    );
  }
  return list.length === 1 || all ? (
    <span className="mono">{list.join(', ')}</span>
  ) : (
    <Tooltip label={list.join(', ')} multiline maw={320}>
      <span>{t('address.count', { count: list.length })}</span>
    </Tooltip>
  );
}
