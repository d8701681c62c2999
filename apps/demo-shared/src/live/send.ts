/** Whom a message is for: everybody, or the tab of that client. */
export type Recipient = { readonly type: 'everyone' } | { readonly type: 'client'; readonly client: string }

/** Publishes one message. Resolves with whether the server has it; who sends again after `false` may send it twice. */
export async function send(
  recipient: Recipient,
  text: string,
  from: string,
  fetcher: typeof fetch = (...request) => fetch(...request),
): Promise<boolean> {
  const address = recipient.type === 'everyone' ? '/api/announcements' : '/api/inbox'
  const to = recipient.type === 'everyone' ? {} : { client: recipient.client }
  try {
    const { ok } = await fetcher(address, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ text, from, ...to }),
      signal: AbortSignal.timeout(patience),
    })
    return ok
  } catch {
    return false
  }
}

// In milliseconds: whoever waits longer than that for a word to go out wants to know.
const patience = 5_000

/** More messages than the server keeps, one after the other, so that a tab that is away misses some for good. */
export async function burst(words: (number: number) => string, from: string, fetcher?: typeof fetch): Promise<boolean> {
  for (let number = 1; number <= burstSize; number++) {
    if (!(await send({ type: 'everyone' }, words(number), from, fetcher))) return false
  }
  return true
}

export const burstSize = 25
