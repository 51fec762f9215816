/** Whose session this is; known on every page behind sign-in. */
import { createContext } from 'svelte';
import type { Me, Permission } from '$lib/api/types';

/** Whether the server lets this person do it. What it refuses is not offered. */
export const can = (me: Me, permission: Permission): boolean => me.permissions.includes(permission);

/** A function, so that a changed account is seen by whoever asks. */
export const [getMe, setMe] = createContext<() => Me>();
