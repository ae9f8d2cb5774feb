import { Button, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CodeInput } from './code_input';

// FactorField takes the code of an authenticator app or, when the person says so, a recovery code.
export function FactorField({
  code,
  onCode,
  recovery,
  onRecovery,
  onComplete,
  autoFocus,
}: {
  code: string;
  onCode: (code: string) => void;
  recovery: boolean;
  onRecovery: (recovery: boolean) => void;
  onComplete?: (totp: string) => void; // all digits are there
  autoFocus?: boolean;
}) {
  const { t } = useTranslation();
  return (
    <>
      {recovery ? (
        <TextInput
          label={t('login.recoveryCode')}
          value={code}
          onChange={(event) => onCode(event.currentTarget.value)}
          autoComplete="off"
        />
      ) : (
        <CodeInput
          label={t('login.code')}
          value={code}
          onChange={onCode}
          {...(onComplete && { onComplete })}
          {...(autoFocus && { autoFocus })}
        />
      )}
      <Button variant="subtle" size="compact-sm" w="fit-content" onClick={() => (onRecovery(!recovery), onCode(''))}>
        {recovery ? t('login.useApp') : t('login.useRecovery')}
      </Button>
    </>
  );
}
