import { Button, Checkbox, Group, PasswordInput, Stack, Text } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { encryptPrivateKey } from '~/crypto/encrypt';
import type { MadePair } from '~/crypto/generate';
import { Fault } from '~/parts/fault';
import { KeyId } from '~/parts/key_id';
import { SecretBox, type SecretFile } from '~/parts/secret_box';
import { savedName } from '~/text/saved_name';

function Encrypt({ pair, onSealed }: { pair: MadePair; onSealed: (pem: string | null) => void }) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState(false);
  const [passphrase, setPassphrase] = useState('');
  const seal = useMutation({
    gcTime: 0,
    mutationFn: () => encryptPrivateKey(pair.privateDer, passphrase),
    onSuccess: (pem) => {
      setPassphrase('');
      onSealed(pem);
    },
  });
  return (
    <Stack gap="xs">
      <Checkbox
        label={t('secret.encrypt')}
        description={t('secret.encryptHint')}
        checked={wanted}
        onChange={(event) => {
          setWanted(event.currentTarget.checked);
          onSealed(null);
          seal.reset();
        }}
      />
      {wanted && !seal.isSuccess && (
        <Group align="flex-end">
          <PasswordInput
            label={t('secret.passphrase')}
            autoComplete="new-password"
            value={passphrase}
            onChange={(event) => setPassphrase(event.currentTarget.value)}
            visibilityToggleButtonProps={{ 'aria-label': t('login.showPassword') }}
            w={280}
          />
          <Button
            variant="default"
            disabled={passphrase.length < 8}
            loading={seal.isPending}
            onClick={() => seal.mutate()}
          >
            {t('secret.encryptNow')}
          </Button>
        </Group>
      )}
      {seal.isSuccess && (
        <Text size="sm" c="var(--accept)" role="status">
          {t('secret.encrypted')}
        </Text>
      )}
      {seal.isError && <Fault error={seal.error} />}
    </Stack>
  );
}

// SaveSecret is the one place where the secret half of a new pair is seen, once.
export function SaveSecret({
  label,
  apiKey,
  pair,
  secret,
  saved,
  onSaved,
}: {
  label: string;
  apiKey: string;
  pair: MadePair | null;
  secret: string | null;
  saved: boolean;
  onSaved: (saved: boolean) => void;
}) {
  const { t } = useTranslation();
  const [sealed, setSealed] = useState<string | null>(null);
  const name = savedName(label, apiKey);
  const shown = sealed ?? pair?.privatePem ?? secret;
  const files: SecretFile[] = pair
    ? [{ name: `${name}.pem`, text: shown ?? '' }]
    : [
        { name: `${name}.env`, text: `API_KEY=${apiKey}\nAPI_SECRET=${secret}\n` },
        { name: `${name}.json`, text: `${JSON.stringify({ api_key: apiKey, secret }, null, 2)}\n` },
      ];
  return (
    <Stack>
      <div>
        <Text fw={600} size="sm">
          {t('word.apiKey')}
        </Text>
        <KeyId id={apiKey} whole />
        <Text size="sm" c="dimmed">
          {t('secret.idHint')}
        </Text>
      </div>
      {shown === null ? (
        <Text>{t('secret.yours')}</Text>
      ) : (
        <>
          <div>
            <Text fw={600} size="sm">
              {pair ? t('secret.private') : t('secret.secret')}
            </Text>
            <Text size="sm" c="dimmed">
              {pair ? t('secret.privateText') : t('secret.secretText')}
            </Text>
          </div>
          {pair && <Encrypt pair={pair} onSealed={setSealed} />}
          <SecretBox
            secret={shown}
            what={pair ? t('secret.private') : t('secret.secret')}
            files={files}
            saved={saved}
            onSaved={onSaved}
          />
        </>
      )}
    </Stack>
  );
}
