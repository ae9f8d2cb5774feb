import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { actionText } from '~/text/action';

// ActionName is what was done, in the person's words where there are such, and under them its own name: with that one
// finds it in documents, exports and on the command line.
export function ActionName({ of }: { of: string }) {
  const { t } = useTranslation('audit');
  const said = actionText(t, of);
  return said ? (
    <>
      {said}
      <Text size="xs" c="dimmed" className="mono">
        {of}
      </Text>
    </>
  ) : (
    <span className="mono">{of}</span>
  );
}
