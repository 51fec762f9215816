/** Signing in by a provider of identity, by a link, or as who a proxy says one is. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { ProviderReturn } from '../types';

export const waysQuery = () =>
  queryOptions({
    queryKey: keys.ways,
    queryFn: ({ signal }) => answer(http.GET('/sign-in', { signal })),
    staleTime: 60_000,
  });

export const identitiesQuery = () =>
  queryOptions({
    queryKey: keys.identities,
    queryFn: ({ signal }) => answer(http.GET('/me/identities', { signal })),
  });

export const beginProviderSignIn = (provider: string) =>
  answer(http.POST('/sign-in/oidc/{provider}', { params: { path: { provider } } }));

export const beginInvitedSignIn = (provider: string, token: string, language: string) =>
  answer(
    http.POST('/invitations/oidc/{provider}', {
      params: { path: { provider } },
      body: { token, language },
    }),
  );

export const finishProviderSignIn = (body: ProviderReturn) =>
  answer(http.POST('/sessions/oidc', { body }));

export const signInByLink = (token: string, device: string) =>
  answer(http.POST('/sessions/link', { body: { token, device } }));

export const signInByProxy = (device: string) =>
  answer(http.POST('/sessions/proxy', { body: { device } }));

export const beginLinking = (provider: string) =>
  answer(http.POST('/me/identities/oidc/{provider}', { params: { path: { provider } } }));

export const finishLinking = (body: ProviderReturn) =>
  answer(http.POST('/me/identities', { body }));

export const removeIdentity = (id: string) =>
  done(http.DELETE('/me/identities/{id}', { params: { path: { id } } }));
