// The browser's passkeys, from and to the JSON forms of WebAuthn.

type Json = Record<string, unknown>;
interface JsonCredential extends PublicKeyCredential {
  toJSON(): PublicKeyCredentialJSON;
}
interface JsonForms {
  parseRequestOptionsFromJSON(json: Json): PublicKeyCredentialRequestOptions;
  parseCreationOptionsFromJSON(json: Json): PublicKeyCredentialCreationOptions;
}

const forms = () => globalThis.PublicKeyCredential as unknown as JsonForms;

// No page of plain HTTP and none that was reached by an IP address has passkeys.
export function passkeysWork() {
  const host = globalThis.location.hostname;
  const isAddress = /^[\d.]+$/.test(host) || host.startsWith('[');
  return globalThis.isSecureContext && !isAddress && typeof globalThis.PublicKeyCredential === 'function';
}

export async function assertPasskey(challenge: string, options: Json, signal?: AbortSignal) {
  const credential = (await navigator.credentials.get({
    publicKey: forms().parseRequestOptionsFromJSON(options),
    signal,
  })) as JsonCredential;
  return { challenge_id: challenge, credential: credential.toJSON() as unknown as Json };
}

export async function createPasskey(options: Json) {
  const credential = (await navigator.credentials.create({
    publicKey: forms().parseCreationOptionsFromJSON(options),
  })) as JsonCredential;
  return credential.toJSON() as unknown as Json;
}
