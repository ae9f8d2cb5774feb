import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { FrontPage } from '~/parts/front_page';
import { isOwnPath } from './own_path';
import { ProviderButton } from './provider_button';
import { SignInForm } from './sign_in_form';

export function Login() {
  const { t } = useTranslation();
  const { to } = useSearch({ from: '/login' });
  const navigate = useNavigate();
  const router = useRouter();
  return (
    <FrontPage title={t('login.title')} text={t('login.text')}>
      <SignInForm
        onDone={(session) =>
          session.stage === 'full' && isOwnPath(to)
            ? router.history.push(to)
            : void navigate({ to: session.stage === 'full' ? '/keys' : '/factors' })
        }
      />
      <ProviderButton to={to} />
    </FrontPage>
  );
}
