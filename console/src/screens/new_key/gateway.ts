import { useQuery } from '@tanstack/react-query';
import { profileQuery } from '~/api/queries';

// useGateway gives the address that signed requests go to: the node's own word, else where the page
// came from. Everybody who is signed in may read it.
export function useGateway(): string {
  const { data } = useQuery(profileQuery);
  return data?.gateway_url ?? location.origin;
}
