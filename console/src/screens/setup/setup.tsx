import { Alert, Button, Code, Stack, Stepper } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, dataOf } from '~/api/client';
import { FrontPage } from '~/parts/front_page';
import { Checks } from './checks';
import { takeFragment } from './fragment';
import { type NewPerson, PersonForm } from './person_form';

// Setup makes the first owner. It needs the one-time token that the node printed at its first start.
export function Setup() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const [token] = useState(() => takeFragment('t'));
  const [step, setStep] = useState(0);
  const open = useQuery({ queryKey: ['setup'], queryFn: () => dataOf(api.GET('/setup')), retry: false });
  const make = useMutation({
    gcTime: 0,
    mutationFn: (person: NewPerson) => dataOf(api.POST('/setup', { body: { token, ...person } })),
    onSuccess: () => void navigate({ to: '/factors' }),
  });
  if (open.data && (!open.data.open || token === '')) {
    return (
      <FrontPage title={open.data.open ? t('setup.noToken') : t('setup.closed')}>
        <Stack>
          <Alert color="orange">{open.data.open ? t('setup.noTokenText') : t('setup.closedText')}</Alert>
          <Code block style={{ whiteSpace: 'pre-wrap' }}>
            counterfoil people setup-link --data ./data
          </Code>
          <Button component={Link} to="/login" variant="default">
            {t('login.signIn')}
          </Button>
        </Stack>
      </FrontPage>
    );
  }
  return (
    <FrontPage title={t('setup.title')} text={t('setup.text')} wide>
      <Stepper active={step} size="sm" mb="lg" allowNextStepsSelect={false}>
        <Stepper.Step label={t('setup.checks')} />
        <Stepper.Step label={t('setup.owner')} />
        <Stepper.Step label={t('setup.factor')} />
      </Stepper>
      {step === 0 ? (
        <Checks token={token} onDone={() => setStep(1)} />
      ) : (
        <PersonForm
          act={t('setup.make')}
          pending={make.isPending}
          error={make.error}
          onSubmit={(person) => make.mutate(person)}
        />
      )}
    </FrontPage>
  );
}
