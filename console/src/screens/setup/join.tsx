import { Alert } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { FrontPage } from '~/parts/front_page';
import { takeFragment } from './fragment';
import { type NewPerson, PersonForm } from './person_form';

// Join makes a person out of an invitation link.
export function Join() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [invitation] = useState(() => takeFragment('i'));
  const make = useMutation({
    gcTime: 0,
    mutationFn: (person: NewPerson) => dataOf(api.POST('/registration', { body: { invitation, ...person } })),
    onSuccess: () => void navigate({ to: '/factors' }),
  });
  return (
    <FrontPage title={t('join.title')} text={t('join.text')}>
      {invitation === '' ? (
        <Alert color="orange">{t('join.noToken')}</Alert>
      ) : (
        <PersonForm
          act={t('join.make')}
          pending={make.isPending}
          error={make.error}
          onSubmit={(person) => make.mutate(person)}
        />
      )}
    </FrontPage>
  );
}
