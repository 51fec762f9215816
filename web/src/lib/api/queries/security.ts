/** How one signs in: second factors, passkeys, proofs. */
import { queryOptions } from '@tanstack/svelte-query';
import { answer, done, http, outcome } from '../client';
import { keys } from '../keys';
import type { NewPasskey, PasskeySignIn, SecondAnswer } from '../types';

export const secondFactorQuery = () =>
  queryOptions({
    queryKey: keys.secondFactor,
    queryFn: ({ signal }) => answer(http.GET('/me/second-factor', { signal })),
  });

export const passkeysQuery = () =>
  queryOptions({
    queryKey: keys.passkeys,
    queryFn: ({ signal }) => answer(http.GET('/me/passkeys', { signal })),
  });

export const answerSecond = (body: SecondAnswer) =>
  answer(http.POST('/sessions/second-factor', { body }));

export const beginPasskeySignIn = () => answer(http.POST('/sessions/passkey/options'));

export const finishPasskeySignIn = (body: PasskeySignIn) =>
  answer(http.POST('/sessions/passkey', { body }));

export const beginQuickConnect = (device: string) =>
  answer(http.POST('/quick-connect', { body: { device } }));

/** Who was let in; `null` while nobody was. */
export const finishQuickConnect = (secret: string) =>
  outcome(http.POST('/quick-connect/session', { body: { secret } }));

export const findWaitingDevice = (code: string) =>
  answer(http.GET('/quick-connect/{code}', { params: { path: { code } } }));

export const confirmQuickConnect = (code: string) =>
  done(http.POST('/quick-connect/{code}/confirmation', { params: { path: { code } } }));

export const confirmPassword = (password: string) =>
  done(http.POST('/me/confirmation', { body: { password } }));

export const beginTotp = () => answer(http.POST('/me/second-factor/totp'));

export const confirmTotp = (code: string) =>
  answer(http.PUT('/me/second-factor/totp', { body: { code } }));

export const removeTotp = () => done(http.DELETE('/me/second-factor/totp'));

export const renewRecoveryCodes = () => answer(http.POST('/me/second-factor/recovery-codes'));

export const beginPasskey = () => answer(http.POST('/me/passkeys/options'));

export const addPasskey = (body: NewPasskey) => answer(http.POST('/me/passkeys', { body }));

export const renamePasskey = (id: string, name: string) =>
  done(http.PATCH('/me/passkeys/{id}', { params: { path: { id } }, body: { name } }));

export const removePasskey = (id: string) =>
  done(http.DELETE('/me/passkeys/{id}', { params: { path: { id } } }));

export const removeSecondFactor = (personId: string) =>
  done(http.DELETE('/people/{id}/second-factor', { params: { path: { id: personId } } }));
