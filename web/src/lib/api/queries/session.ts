/** Who is here: the server before sign-in, the account, its sessions. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http, outcome } from '../client';
import { keys } from '../keys';
import type { Credentials, NewAccount, PasswordChange, Taste } from '../types';

export const serverQuery = () =>
  queryOptions({
    queryKey: keys.server,
    queryFn: ({ signal }) => answer(http.GET('/server', { signal })),
    staleTime: 5 * 60_000,
  });

export const meQuery = () =>
  queryOptions({
    queryKey: keys.me,
    queryFn: ({ signal }) => answer(http.GET('/me', { signal })),
    staleTime: Infinity,
    retry: false,
  });

export const sessionsQuery = () =>
  queryOptions({
    queryKey: keys.sessions,
    queryFn: ({ signal }) => answer(http.GET('/sessions', { signal })),
  });

export const tasteQuery = () =>
  queryOptions({
    queryKey: keys.taste,
    queryFn: ({ signal }) => answer(http.GET('/me/taste', { signal })),
  });

export const writeTaste = (body: Taste) => answer(http.PUT('/me/taste', { body }));

export const setUp = (body: NewAccount) => answer(http.POST('/setup', { body }));

export const signIn = (body: Credentials) => answer(http.POST('/sessions', { body }));

/** Where to go on signing out, where a provider of identity knows how; `null` elsewhere. */
export const signOut = () => outcome(http.DELETE('/sessions/current'));

export const endSession = (id: string) =>
  done(http.DELETE('/sessions/{id}', { params: { path: { id } } }));

export const endOtherSessions = () => done(http.DELETE('/sessions'));

export const chooseLanguage = (language: string) =>
  answer(http.PATCH('/me', { body: { language } }));

export const changePassword = (body: PasswordChange) => done(http.PUT('/me/password', { body }));

export const uploadAvatar = (file: File) =>
  answer(
    http.PUT('/me/avatar', {
      headers: { 'Content-Type': file.type || 'application/octet-stream' },
      // The document can only say "bytes"; the browser sends the file as it is.
      body: file as never,
      bodySerializer: () => file,
    }),
  );

export const removeAvatar = () => done(http.DELETE('/me/avatar'));

export const deleteMe = () => done(http.DELETE('/me'));
