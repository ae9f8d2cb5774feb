import { useQuery } from '@tanstack/react-query';
import { statusQuery } from '~/api/queries';

// useGateway gives the address that signed requests go to: the node's own word, else where the page
// came from.
export function useGateway(): string {
  const { data } = useQuery({ ...statusQuery, refetchInterval: false, retry: false });
  return data?.listeners.find((listener) => listener.door === 'rest')?.address ?? location.origin;
}
