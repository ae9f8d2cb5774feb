import { Button, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { SecretBox } from '~/parts/secret_box';

// RecoveryCodes makes ten new codes, once; the old ones end.
export function RecoveryCodes({ onDone }: { onDone: () => void }) {
  const { t } = useTranslation();
  const [saved, setSaved] = useState(false);
  const make = useMutation({ gcTime: 0, mutationFn: () => dataOf(api.POST('/me/recovery-codes')) });
  const { mutate: ask } = make;
  useEffect(() => ask(), [ask]);
  if (make.isError) {
    return <Fault error={make.error} retry={() => ask()} />;
  }
  if (!make.data) {
    return <Loading rows={1} height={160} />;
  }
  const text = make.data.codes.join('\n');
  return (
    <Stack>
      <Text>{t('factor.codesText')}</Text>
      <SecretBox
        secret={text}
        what={t('factor.codes')}
        files={[{ name: 'counterfoil-recovery-codes.txt', text: `${text}\n` }]}
        saved={saved}
        onSaved={setSaved}
      />
      <Button disabled={!saved} onClick={onDone}>
        {t('act.done')}
      </Button>
    </Stack>
  );
}
