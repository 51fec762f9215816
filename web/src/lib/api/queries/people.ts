/** Accounts, as an administrator sees them. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { NewPerson, PersonPatch } from '../types';

export const peopleQuery = () =>
  queryOptions({
    queryKey: keys.people,
    queryFn: ({ signal }) =>
      answer(http.GET('/people', { params: { query: { limit: 500 } }, signal })),
  });

export const createPerson = (body: NewPerson) => answer(http.POST('/people', { body }));

export const updatePerson = (id: string, body: PersonPatch) =>
  answer(http.PATCH('/people/{id}', { params: { path: { id } }, body }));

export const resetPassword = (id: string, password: string) =>
  done(http.PUT('/people/{id}/password', { params: { path: { id } }, body: { new: password } }));

export const deletePerson = (id: string) =>
  done(http.DELETE('/people/{id}', { params: { path: { id } } }));
