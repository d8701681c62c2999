import { StreamError } from './errors'

/** 128 random bits as 22 characters of base64url. */
export function mintKey(): string {
  if (!globalThis.crypto) {
    throw new StreamError(
      'unsupported',
      'There is no `crypto` here, of which keys are made. Provide `globalThis.crypto`.',
    )
  }
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .slice(0, 22)
}
