/** Roles: what people may do. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';
import type { NewRole, RolePatch } from '../types';

/** The roles that this person could give; for administrators all. */
export const rolesQuery = () =>
  queryOptions({
    queryKey: keys.roles,
    queryFn: ({ signal }) => answer(http.GET('/roles', { signal })),
  });

export const createRole = (body: NewRole) => answer(http.POST('/roles', { body }));

export const updateRole = (id: string, body: RolePatch) =>
  answer(http.PATCH('/roles/{id}', { params: { path: { id } }, body }));

export const deleteRole = (id: string) =>
  done(http.DELETE('/roles/{id}', { params: { path: { id } } }));
