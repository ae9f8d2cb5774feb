import { Text } from '@mantine/core';
import { Fragment } from 'react';
import { useTranslation } from 'react-i18next';

export interface Difference {
  name: string;
  before: string;
  after: string;
}

// DiffView shows what a change changes, old and new apart by words, colour and line.
export function DiffView({ differences }: { differences: Difference[] }) {
  const { t } = useTranslation();
  if (differences.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        {t('diff.none')}
      </Text>
    );
  }
  return (
    <dl className="facts">
      {differences.map(({ name, before, after }) => (
        <Fragment key={name}>
          <dt>{name}</dt>
          <dd>
            <del className="diff-old">{before || '–'}</del>
            {' → '}
            <ins className="diff-new" style={{ textDecoration: 'none', fontWeight: 600 }}>
              {after || '–'}
            </ins>
          </dd>
        </Fragment>
      ))}
    </dl>
  );
}
