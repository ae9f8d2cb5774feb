import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';

// LoadMore is the button under a list that is read page by page; absent when there is no more.
export function LoadMore({
  of,
}: {
  of: { hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => Promise<unknown> };
}) {
  const { t } = useTranslation();
  if (!of.hasNextPage) {
    return null;
  }
  return (
    <Button
      variant="default"
      size="compact-sm"
      style={{ alignSelf: 'flex-start' }}
      loading={of.isFetchingNextPage}
      onClick={() => void of.fetchNextPage()}
    >
      {t('keys.loadMore')}
    </Button>
  );
}
