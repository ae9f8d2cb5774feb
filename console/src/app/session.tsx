import { useMantineColorScheme } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useLocation } from '@tanstack/react-router';
import { createContext, type ReactNode, use, useEffect } from 'react';
import { asProblem } from '~/api/problem';
import { sessionQuery } from '~/api/queries';
import type { Role, Session } from '~/api/types';
import { Fault } from '~/parts/fault';
import { Loading } from '~/parts/loading';
import { setServerTime } from '~/parts/now';
import { followWishes } from './wishes';

const SessionContext = createContext<Session | null>(null);

export function useSession(): Session {
  const session = use(SessionContext);
  if (!session) {
    throw new Error('this screen stands outside of a session');
  }
  return session;
}

export function useRole(): Role {
  return useSession().person.role;
}

// useMayChange: an auditor changes nothing.
export function useMayChange() {
  return useRole() !== 'auditor';
}

// RequireSession shows its children to somebody who is signed in, and sends others to sign in first.
export function RequireSession({ children }: { children: ReactNode }) {
  const { data, error, refetch } = useQuery(sessionQuery);
  const { href } = useLocation();
  const { setColorScheme } = useMantineColorScheme();
  useEffect(() => {
    if (data) {
      setServerTime(data.server_time);
      followWishes(data.person, setColorScheme);
    }
  }, [data, setColorScheme]);
  if (data) {
    return data.stage === 'full' ? (
      <SessionContext value={data}>{children}</SessionContext>
    ) : (
      <Navigate to="/factors" />
    );
  }
  if (error) {
    // The location is that of the sign-in page already, while that is on its way: not to be kept as the way back.
    return href.startsWith('/login') ? (
      <Loading rows={6} />
    ) : asProblem(error).status === 401 ? (
      <Navigate to="/login" search={{ to: href === '/' ? undefined : href }} replace />
    ) : (
      <Fault error={error} retry={() => void refetch()} />
    );
  }
  return <Loading rows={6} />;
}

// useForget drops all that was read under one session before another begins.
export function useForget() {
  const client = useQueryClient();
  return () => client.clear();
}
