import { Button, Checkbox, Group, Stack } from '@mantine/core';
import { IconDownload, IconEye, IconEyeOff } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from './copy_button';

export interface SecretFile {
  name: string;
  text: string;
}

// saveFile hands a text to the browser's downloads; it never leaves this machine.
export function saveFile({ name, text }: SecretFile, type = 'application/octet-stream') {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

// SecretBox shows a secret that is shown once: hidden until asked for, copied or saved as a file, and
// "saved" can be ticked only after one of those, or after ten seconds of looking.
export function SecretBox({
  secret,
  what,
  files,
  saved,
  onSaved,
}: {
  secret: string;
  what: string;
  files: SecretFile[];
  saved: boolean;
  onSaved: (saved: boolean) => void;
}) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const [taken, setTaken] = useState(false);
  useEffect(() => {
    if (!shown) {
      return;
    }
    const timer = setTimeout(() => setTaken(true), 10_000);
    return () => clearTimeout(timer);
  }, [shown]);
  return (
    <Stack gap="sm">
      <div className="secret" data-hidden={!shown} aria-label={what} role="region" tabIndex={0}>
        {shown ? secret : '•'.repeat(64)}
      </div>
      <Group gap="xs">
        <Button
          variant="default"
          leftSection={shown ? <IconEyeOff size={16} aria-hidden /> : <IconEye size={16} aria-hidden />}
          onClick={() => setShown(!shown)}
        >
          {shown ? t('secret.hide') : t('secret.show')}
        </Button>
        <CopyButton wide value={secret} what={what} onCopied={() => setTaken(true)} />
        {files.map((file) => (
          <Button
            key={file.name}
            variant="default"
            leftSection={<IconDownload size={16} aria-hidden />}
            onClick={() => {
              saveFile(file);
              setTaken(true);
            }}
          >
            {file.name}
          </Button>
        ))}
      </Group>
      <Checkbox
        label={t('secret.saved')}
        description={taken ? undefined : t('secret.savedHint')}
        checked={saved}
        disabled={!taken}
        onChange={(event) => onSaved(event.currentTarget.checked)}
      />
    </Stack>
  );
}
