/** People who share this device. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http } from '../client';
import { keys } from '../keys';

export const profilesQuery = () =>
  queryOptions({
    queryKey: keys.profiles,
    queryFn: ({ signal }) => answer(http.GET('/me/profiles', { signal })),
  });

export const rememberProfile = () => answer(http.POST('/me/profiles'));

export const forgetProfile = () => done(http.DELETE('/me/profiles'));

export const switchProfile = (person_id: string, pin: string | undefined) =>
  answer(http.POST('/me/profiles/switch', { body: { person_id, pin } }));

export const setPin = (pin: string) => done(http.PUT('/me/pin', { body: { pin } }));

export const removePin = () => done(http.DELETE('/me/pin'));

export const setOpening = (opens_without_pin: boolean) =>
  done(http.PUT('/me/profiles/opening', { body: { opens_without_pin } }));
