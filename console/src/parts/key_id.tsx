import { Group, Tooltip } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { shortId } from '~/text/words';
import { CopyButton } from './copy_button';

export function KeyId({ id, whole = false }: { id: string; whole?: boolean }) {
  const { t } = useTranslation();
  return (
    <Group gap={2} wrap="nowrap" maw="100%">
      {whole ? (
        <span className="mono wrap">{id}</span>
      ) : (
        <Tooltip label={id} multiline maw={340} classNames={{ tooltip: 'wrap' }}>
          <span className="mono">{shortId(id)}</span>
        </Tooltip>
      )}
      <CopyButton value={id} what={t('word.apiKey')} />
    </Group>
  );
}
