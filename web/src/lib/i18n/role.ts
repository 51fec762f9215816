/** What roles are called: those that every server has in the reader's language, own ones as they were named. */
import type { RoleRef } from '$lib/api/types';
import type { Messages } from './en';

export const roleName = (role: RoleRef, t: Messages): string =>
  role.built_in ? t.roles.builtIn[role.built_in] : role.name;
