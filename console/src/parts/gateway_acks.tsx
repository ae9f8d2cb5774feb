import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { IconDownload, IconShieldCheck } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { Receipt } from '~/api/types';
import { micros } from '~/text/words';
import { saveFile } from './secret_box';

// GatewayAcks is the proof after a change: which gateways act on it, how fast, and the receipt.
export function GatewayAcks({ receipt }: { receipt: Receipt }) {
  const { t } = useTranslation();
  const applied = receipt.gateways.filter((gateway) => gateway.outcome === 'applied');
  const slowest = Math.max(0, ...receipt.gateways.map((gateway) => gateway.after_us));
  return (
    <Alert color="green" icon={<IconShieldCheck aria-hidden />} title={t('receipt.inForce')} role="status">
      <Stack gap="xs">
        <Text size="sm">
          {t('receipt.gateways', { applied: applied.length, all: receipt.gateways.length, time: micros(slowest) })}
        </Text>
        {receipt.upstream?.answer === 'taken' && receipt.upstream.canceled_orders !== undefined && (
          <Text size="sm">{t('receipt.orders', { count: receipt.upstream.canceled_orders })}</Text>
        )}
        <Group>
          <Button
            size="compact-sm"
            variant="default"
            leftSection={<IconDownload size={15} aria-hidden />}
            onClick={() => saveFile({ name: `receipt-${receipt.id}.json`, text: JSON.stringify({ receipt }, null, 2) })}
          >
            {t('receipt.download')}
          </Button>
          <Text size="xs" c="dimmed">
            {t('receipt.check')} <span className="mono">counterfoil receipt verify</span>
          </Text>
        </Group>
      </Stack>
    </Alert>
  );
}
