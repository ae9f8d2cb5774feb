import { UnstyledButton } from '@mantine/core';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import type { ApiKey } from '~/api/types';
import { keyCards } from '~/app/router';
import { useNow } from '~/parts/now';
import { cards } from './cards';

const warns = new Set(['expiring', 'unused', 'anywhere', 'old']);

export function FilterCards({ keys }: { keys: ApiKey[] }) {
  const { t } = useTranslation();
  const { card } = useSearch({ from: '/shell/keys' });
  const navigate = useNavigate({ from: '/keys' });
  const now = useNow();
  return (
    <div className="filter-cards" role="group" aria-label={t('keys.cards')}>
      {keyCards.map((name) => {
        const found = keys.filter((key) => cards[name](key, now)).length;
        return (
          <UnstyledButton
            key={name}
            className="filter-card"
            aria-pressed={card === name}
            data-warns={found > 0 && warns.has(name)}
            onClick={() => void navigate({ search: (old) => ({ ...old, card: card === name ? undefined : name }) })}
          >
            <b>{found}</b>
            <span>{t(`card.${name}`)}</span>
          </UnstyledButton>
        );
      })}
    </div>
  );
}
