import { fetchEventSource } from '@microsoft/fetch-event-source'

/** Who reads the answer. */
export const runners = ['keepstream', 'events', 'loop'] as const
export type Runner = (typeof runners)[number]

/** What is asked of each: the same question, and who asks, so that the ledger of the model can tell. */
export interface Race {
  readonly id: string
  readonly question: string
}

export const inputOf = ({ id, question }: Race, runner: Runner) => ({
  model: 'lab',
  messages: [
    { role: 'system', content: `Run ${id}, read by ${runner}.` },
    { role: 'user', content: question },
  ],
})

export interface RunOptions {
  readonly race: Race
  readonly fetch: typeof fetch
  readonly signal: AbortSignal
  readonly onText: (text: string) => void
  /** `open`: a connection brings something; `lost`: it is over before its time; `again`: it is asked once more. */
  readonly onEvent: (event: 'open' | 'lost' | 'again') => void
}

/**
 * The answer through `@microsoft/fetch-event-source`, as its manual has it, with all that it can do: it asks Keepstream's own
 * server, under one key, so that its `Last-Event-ID` is understood. Resolves when it takes the answer for complete.
 */
export async function runEvents({ race, fetch, signal, onText, onEvent }: RunOptions): Promise<void> {
  let attempts = 0
  await fetchEventSource('/api/chat', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify(inputOf(race, 'events')),
    signal,
    // Else it breaks off by itself, and asks again, whenever nobody looks.
    openWhenHidden: true,
    fetch(input, init) {
      if (attempts++ > 0) onEvent('again')
      return fetch(input, init)
    },
    async onopen(response) {
      // What it does where nothing is given, with one event of ours.
      const type = response.headers.get('content-type')
      if (!type?.startsWith('text/event-stream')) throw new Error(`Expected content-type to be text/event-stream`)
      onEvent('open')
    },
    onmessage({ event, data }) {
      if (event === 'text') onText(JSON.parse(data) as string)
    },
    onerror() {
      onEvent('lost') // And no word of ours: it asks again, after a second or when it was told to.
    },
  })
}

const mostAttempts = 3
// In milliseconds.
const usualPause = 1_000

/**
 * The answer through a plain loop over `fetch`, as it is written by hand: where the connection breaks, it waits a second and
 * asks again, three times at most. Its endpoint has no log, so that it is answered from the beginning.
 */
export async function runLoop({
  race,
  fetch,
  signal,
  onText,
  onEvent,
  pause = usualPause,
}: RunOptions & { readonly pause?: number }): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      if (attempt > 1) onEvent('again')
      const body = JSON.stringify(inputOf(race, 'loop'))
      const headers = { 'content-type': 'application/json' }
      const response = await fetch('/lab/raw/chat', { method: 'POST', headers, body, signal })
      if (!response.ok) throw new Error(`The server answered ${response.status}.`)
      onEvent('open')
      const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader()
      for (let read = await reader.read(); !read.done; read = await reader.read()) onText(read.value)
      return
    } catch (error) {
      if (signal.aborted || attempt === mostAttempts) throw error
      onEvent('lost')
      await new Promise((resolve) => setTimeout(resolve, pause))
      if (signal.aborted) throw error
    }
  }
}
