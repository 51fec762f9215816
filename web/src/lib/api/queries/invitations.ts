/** Invitations: of those who invite, and of those who come by a link. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { Arrival, NewInvitation } from '../types';

export const invitationsQuery = () =>
  queryOptions({
    queryKey: keys.invitations,
    queryFn: ({ signal }) =>
      answer(http.GET('/invitations', { params: { query: { limit: 500 } }, signal })),
  });

export const createInvitation = (body: NewInvitation) =>
  answer(http.POST('/invitations', { body }));

export const deleteInvitation = (id: string) =>
  done(http.DELETE('/invitations/{id}', { params: { path: { id } } }));

export const offerQuery = (token: string) =>
  queryOptions({
    queryKey: keys.offer(token),
    queryFn: ({ signal }) => answer(http.POST('/invitations/find', { body: { token }, signal })),
    retry: false,
  });

export const acceptInvitation = (body: Arrival) =>
  answer(http.POST('/invitations/accept', { body }));
