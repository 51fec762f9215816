/** Whose session this is; known on every page behind sign-in. */
import { createContext } from 'svelte';
import type { Me } from '$lib/api/types';

export const isAdmin = (me: Me): boolean => me.permissions.includes('administer');

/** A function, so that a changed account is seen by whoever asks. */
export const [getMe, setMe] = createContext<() => Me>();
