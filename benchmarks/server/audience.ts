import type { audienceCalls } from './audience-process'
import { type Started, startProcess } from './calls'
import type { Address } from './event-reader'

/** The process of all readers. */
export interface Audience extends Started<typeof audienceCalls> {
  /** The epoch that a server names first, for those who come back. */
  readonly greet: (address: Address) => Promise<{ readonly epoch: string }>
}

export async function startAudience(): Promise<Audience> {
  const started = await startProcess<typeof audienceCalls>('audience-process')
  return {
    ...started,
    async greet({ port, path }) {
      const leaving = new AbortController()
      const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: leaving.signal })
      const { value } = await response.body!.getReader().read()
      leaving.abort()
      const [, epoch = ''] = /^id: ([^-]+)-/m.exec(new TextDecoder().decode(value)) ?? []
      return { epoch }
    },
  }
}
