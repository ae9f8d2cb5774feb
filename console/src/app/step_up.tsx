import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { gates } from '~/api/client';
import { LateDialog, later } from '~/parts/later';
import type { Ask } from './step_up_form';

const StepUpForm = later(() => import('./step_up_form').then((m) => m.StepUpForm));

// StepUp asks for a fresh second factor in the middle of a change, and names the change.
export function StepUp() {
  const { t } = useTranslation();
  const [ask, setAsk] = useState<Ask | null>(null);
  useEffect(() => {
    const before = gates.stepUp;
    gates.stepUp = ({ change, hash }) =>
      new Promise((resolve) =>
        setAsk({
          change,
          hash,
          answer: (grant) => {
            setAsk(null);
            resolve(grant);
          },
        }),
      );
    return () => {
      gates.stepUp = before;
    };
  }, []);
  return (
    ask && (
      <LateDialog onClose={() => ask.answer(null)} title={t('stepUp.title')} zIndex={400}>
        <StepUpForm ask={ask} />
      </LateDialog>
    )
  );
}
