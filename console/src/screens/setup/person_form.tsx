import { Button, PasswordInput, Stack, TextInput } from '@mantine/core';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Fault } from '~/parts/fault';

export interface NewPerson {
  name: string;
  email: string;
  password: string;
}

const shortest = 12;

// PersonForm takes what makes a person. A passphrase has at least 12 characters; which ones nobody
// else's business.
export function PersonForm({
  act,
  pending,
  error,
  onSubmit,
}: {
  act: string;
  pending: boolean;
  error: unknown;
  onSubmit: (person: NewPerson) => void;
}) {
  const { t } = useTranslation();
  const [person, setPerson] = useState<NewPerson>({ name: '', email: '', password: '' });
  const length = [...person.password].length;
  const set = (part: Partial<NewPerson>) => setPerson({ ...person, ...part });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit(person);
  };
  return (
    <form onSubmit={submit}>
      <Stack>
        <TextInput
          label={t('person.name')}
          value={person.name}
          onChange={(event) => set({ name: event.currentTarget.value })}
          autoComplete="name"
          required
          withAsterisk={false}
        />
        <TextInput
          label={t('login.email')}
          type="email"
          value={person.email}
          onChange={(event) => set({ email: event.currentTarget.value })}
          autoComplete="username"
          required
          withAsterisk={false}
        />
        <PasswordInput
          label={t('login.password')}
          description={t('person.passwordRule', { count: shortest })}
          value={person.password}
          onChange={(event) => set({ password: event.currentTarget.value })}
          autoComplete="new-password"
          visibilityToggleButtonProps={{ 'aria-label': t('login.showPassword'), tabIndex: 0 }}
          error={length > 0 && length < shortest ? t('person.passwordShort', { count: shortest - length }) : null}
          required
          withAsterisk={false}
        />
        {error !== null && error !== undefined && <Fault error={error} />}
        <Button type="submit" loading={pending} disabled={length < shortest}>
          {act}
        </Button>
      </Stack>
    </form>
  );
}
