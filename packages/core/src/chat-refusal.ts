import { StreamError } from './errors'

/** Why nothing was asked, in the word that a page can switch on. */
export const refusal = (reason: 'busy' | 'queue-full' | 'stopped' | 'unknown', sentence: string) =>
  new StreamError('option', sentence, { reason })
