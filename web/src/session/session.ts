// Who is signed in.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

import { ApiError, get, onSignedOut, request } from '../api/client';
import type { Credentials, Role, User } from '../api/types';

const kSessionKey = ['session'];

/** null: nobody is signed in. */
async function currentUser({ signal }: { signal: AbortSignal }): Promise<User | null> {
  try {
    return await get<User>('/api/session', signal);
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) return null;
    throw error;
  }
}

export function useSession() {
  const queries = useQueryClient();
  useEffect(() => onSignedOut(() => queries.setQueryData(kSessionKey, null)), [queries]);
  return useQuery({
    queryKey: kSessionKey,
    queryFn: currentUser,
    staleTime: Infinity,
    retry: true,
    retryDelay: 2000,
    refetchOnWindowFocus: 'always',
  });
}

export function useSignIn() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (credentials: Credentials) => request<User>('POST', '/api/session', credentials),
    onSuccess: (user) => {
      queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== kSessionKey[0] });
      queries.setQueryData(kSessionKey, user);
    },
  });
}

export function useSignOut() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => request<undefined>('DELETE', '/api/session'),
    onSettled: () => queries.setQueryData(kSessionKey, null),
  });
}

const kRank: Record<Role, number> = { viewer: 0, operator: 1, supervisor: 2, admin: 3 };

/** Roles contain each other: an admin may do what an operator may. */
export function mayAct(role: Role, needed: Role): boolean {
  return kRank[role] >= kRank[needed];
}
