import { Anchor, Button, Group, Stack, TagsInput, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { covers, readAddress } from '~/text/address';

// AddressEditor takes addresses and networks, typed or pasted as a list, writes each in its one form,
// and says at once what is wrong with one and what was probably meant.
export function AddressEditor({
  value,
  onChange,
  own,
}: {
  value: string[];
  onChange: (list: string[]) => void;
  own?: string | undefined;
}) {
  const { t } = useTranslation();
  const [wrong, setWrong] = useState<{ text: string; suggestion: string | null; why: string } | null>(null);
  const take = (typed: string[]) => {
    const list: string[] = [];
    setWrong(null);
    for (const text of typed.flatMap((one) => one.split(/[\s,;]+/)).filter((one) => one !== '')) {
      const read = readAddress(text);
      if (!read.ok) {
        setWrong({ text, suggestion: read.suggestion, why: t(`address.fault.${read.fault}`) });
      } else if (!list.includes(read.text)) {
        list.push(read.text);
      }
    }
    onChange(list);
  };
  const notes = value.flatMap((text) => {
    const read = readAddress(text);
    const inside = value.find((other) => other !== text && covers(other, text));
    return [
      ...(read.ok ? read.notes.map((note) => `${text}: ${t(`address.note.${note}`)}`) : []),
      ...(inside ? [t('address.inside', { inner: text, outer: inside })] : []),
    ];
  });
  return (
    <Stack gap={6}>
      <TagsInput
        label={t('address.label')}
        description={t('address.hint')}
        placeholder={value.length === 0 ? '203.0.113.7, 198.51.100.0/24' : undefined}
        value={value}
        onChange={take}
        splitChars={[',', ' ', ';', '\n']}
        acceptValueOnBlur
        clearable
        error={
          wrong && (
            <>
              <span className="mono">{wrong.text}</span>: {wrong.why}{' '}
              {wrong.suggestion && (
                <Anchor component="button" type="button" inherit onClick={() => take([...value, wrong.suggestion!])}>
                  {t('address.meant', { text: wrong.suggestion })}
                </Anchor>
              )}
            </>
          )
        }
      />
      {own && !value.some((one) => covers(one, own)) && (
        <Group gap="xs">
          <Text size="sm" c="dimmed">
            {t('address.yours')} <span className="mono">{own}</span>
          </Text>
          <Button size="compact-xs" variant="light" onClick={() => take([...value, own])}>
            {t('act.add')}
          </Button>
        </Group>
      )}
      {notes.map((note) => (
        <Text key={note} size="sm" c="var(--warn)">
          {note}
        </Text>
      ))}
    </Stack>
  );
}
