/** Passkeys, between the browser's bytes and the server's base64url. */
import type { PasskeyQuestion } from '$lib/api/types';

type Json = Record<string, unknown>;

/** Browsers make passkeys for names, over HTTPS or on the machine itself, never for a number. */
export const passkeysWork = (): boolean =>
  'PublicKeyCredential' in window &&
  window.isSecureContext &&
  !/^[\d.]+$|^\[/.test(location.hostname);

export function toBytes(text: string): Uint8Array<ArrayBuffer> {
  const binary = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
  return Uint8Array.from(binary, (it) => it.charCodeAt(0));
}

export function toText(bytes: ArrayBuffer): string {
  const binary = Array.from(new Uint8Array(bytes), (it) => String.fromCharCode(it)).join('');
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}

const withBytes = (list: unknown) =>
  (list as { id: string }[] | undefined)?.map((it) => ({ ...it, id: toBytes(it.id) }));

/** A new passkey by the server's options, as the server takes it; `undefined` where the person thought better of it. */
export async function makePasskey({ options }: Pick<PasskeyQuestion, 'options'>) {
  const { challenge, user, excludeCredentials, ...rest } = options as Json;
  const { id, ...names } = user as { id: string };
  const publicKey = {
    ...rest,
    challenge: toBytes(challenge as string),
    user: { ...names, id: toBytes(id) },
    excludeCredentials: withBytes(excludeCredentials),
  } as unknown as PublicKeyCredentialCreationOptions;
  return send(() => navigator.credentials.create({ publicKey }));
}

/** What a passkey signed by the server's options, as the server takes it; `undefined` where nobody unlocked one. */
export async function usePasskey({ options }: Pick<PasskeyQuestion, 'options'>) {
  const { challenge, allowCredentials, ...rest } = options as Json;
  const publicKey = {
    ...rest,
    challenge: toBytes(challenge as string),
    allowCredentials: withBytes(allowCredentials),
  } as PublicKeyCredentialRequestOptions;
  return send(() => navigator.credentials.get({ publicKey }));
}

async function send(ask: () => Promise<Credential | null>) {
  try {
    return toJson((await ask()) as PublicKeyCredential | null);
  } catch (cause) {
    const name = cause instanceof DOMException ? cause.name : '';
    if (name === 'NotAllowedError' || name === 'AbortError') return undefined;
    throw cause;
  }
}

function toJson(credential: PublicKeyCredential | null) {
  if (!credential) return undefined;
  const parts = ['attestationObject', 'clientDataJSON', 'authenticatorData', 'signature'] as const;
  const given = credential.response as unknown as Record<string, ArrayBuffer | null | undefined>;
  const response = Object.fromEntries(
    [...parts, 'userHandle'].flatMap((name) => {
      const bytes = given[name];
      return bytes ? [[name, toText(bytes)]] : [];
    }),
  );
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    response,
    clientExtensionResults: {},
  };
}
