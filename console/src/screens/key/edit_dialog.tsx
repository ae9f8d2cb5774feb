import { Button, Group, Stack, TagsInput, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { asProblem } from '~/api/problem';
import { keyQuery, profileQuery } from '~/api/queries';
import type { ApiKey, KeyRights } from '~/api/types';
import { Dialog } from '~/parts/dialog';
import { isAnywhere } from '~/parts/addresses';
import { AddressEditor } from '~/parts/address_editor';
import { Conflict } from '~/parts/conflict';
import { type Difference, DiffView } from '~/parts/diff_view';
import { ExpiryPicker } from '~/parts/expiry_picker';
import { Fault } from '~/parts/fault';
import { PermissionPicker } from '~/parts/permission_picker';
import { exact } from '~/text/words';
import { useEdit } from './changes';

const names = ['label', 'permissions', 'allow_list', 'symbols', 'expires_at'] as const;
type Rights = Pick<ApiKey, (typeof names)[number]>;

const rightsOf = (key: ApiKey): Rights => ({
  label: key.label,
  permissions: key.permissions,
  allow_list: key.allow_list,
  symbols: key.symbols,
  expires_at: key.expires_at,
});

const written = (value: Rights[(typeof names)[number]]) => (Array.isArray(value) ? value.join(', ') : (value ?? ''));

// shown is what a person reads of it: a time in their zone.
const shown = (of: Rights, name: (typeof names)[number]) =>
  name === 'expires_at' && of.expires_at !== null ? exact(of.expires_at) : written(of[name]);

// changed gives what differs between two states of a key's rights, by member.
function changed(from: Rights, to: Rights) {
  return names.filter((name) => written(from[name]) !== written(to[name]));
}

// EditDialog changes what a key may do. It is carried out on what was seen; when somebody else was
// faster, it shows both and asks.
export function EditDialog({ of, etag, onClose }: { of: ApiKey; etag: string | undefined; onClose: () => void }) {
  const { t } = useTranslation();
  const profile = useQuery(profileQuery);
  const edit = useEdit(of.api_key);
  const [base, setBase] = useState(rightsOf(of));
  const [rights, setRights] = useState(base);
  const [seen, setSeen] = useState(etag);
  const fresh = useQuery({ ...keyQuery(of.api_key), enabled: edit.isError });
  const set = (part: Partial<Rights>) => setRights({ ...rights, ...part });
  const mine = changed(base, rights);
  // What is kept of the key may be what this edit began from: theirs is whatever came after.
  const isConflict =
    edit.isError && [409, 412].includes(asProblem(edit.error).status) && (fresh.data?.etag ?? seen) !== seen;
  const theirs = fresh.data ? changed(base, rightsOf(fresh.data.key)) : [];
  const differences = (members: typeof mine, to: Rights): Difference[] =>
    members.map((name) => ({ name: t(`edit.${name}`), before: shown(base, name), after: shown(to, name) }));
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const body = Object.fromEntries(mine.map((name) => [name, rights[name]])) as KeyRights;
    if (body.allow_list?.length === 0) {
      body.allow_list = ['any'];
    }
    edit.mutate({ rights: body, etag: seen }, { onSuccess: onClose });
  };
  const rebase = (keepMine: boolean) => {
    const now = rightsOf(fresh.data!.key);
    setBase(now);
    setSeen(fresh.data!.etag);
    setRights(keepMine ? { ...now, ...Object.fromEntries(mine.map((name) => [name, rights[name]])) } : now);
    edit.reset();
  };
  return (
    <Dialog onClose={onClose} title={t('edit.title', { name: of.label || of.api_key.slice(0, 8) })} size="xl">
      <form onSubmit={submit}>
        <Stack>
          <TextInput
            label={t('edit.label')}
            value={rights.label}
            onChange={(event) => set({ label: event.currentTarget.value })}
            maxLength={64}
            data-autofocus
          />
          {profile.data && (
            <PermissionPicker
              all={profile.data.permissions}
              value={rights.permissions}
              onChange={(permissions) => set({ permissions })}
            />
          )}
          <AddressEditor
            value={isAnywhere(rights.allow_list) ? [] : rights.allow_list}
            onChange={(list) => set({ allow_list: list.length === 0 ? ['any'] : list })}
          />
          <TagsInput
            label={t('edit.symbols')}
            description={t('edit.symbolsHint')}
            value={rights.symbols}
            onChange={(symbols) => set({ symbols: symbols.map((one) => one.toUpperCase()) })}
            splitChars={[',', ' ']}
            maxTags={30}
          />
          <ExpiryPicker value={rights.expires_at} onChange={(expires_at) => set({ expires_at })} />
          {isConflict ? (
            <Conflict
              theirs={differences(theirs, rightsOf(fresh.data!.key))}
              mine={differences(mine, rights)}
              useTheirs={() => rebase(false)}
              applyMine={() => rebase(true)}
            />
          ) : (
            <>
              {mine.length > 0 && <DiffView differences={differences(mine, rights)} />}
              {edit.isError && <Fault error={edit.error} />}
            </>
          )}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" onClick={onClose}>
              {t('act.cancel')}
            </Button>
            <Button type="submit" loading={edit.isPending} disabled={mine.length === 0 || isConflict}>
              {t('act.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
