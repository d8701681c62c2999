import { createStreamId } from '../src/ids'
import type { Claimed, Log, StreamLog } from '../src/log'

/** What tests of a shared log say again and again. */
export const owner = { route: '/api/chat', tenant: 't', user: 'u' }
export const piece = (text: string) => ({ event: 'text', data: JSON.stringify(text) })
export const uniquePrefix = () => `t:${createStreamId().replaceAll('_', '.')}`

const streamOf = (claimed: Claimed): StreamLog => {
  if ('stream' in claimed) return claimed.stream
  throw new Error(`The claim is ${claimed.outcome}`)
}
export const claim = async (log: Log, key?: string, fingerprint?: string, input?: string) =>
  log.claim({ id: createStreamId(), owner, key, fingerprint, input })
export const create = async (log: Log, key?: string, input?: string) => streamOf(await claim(log, key, 'f', input))

/** A producer that writes numbered words, one every few milliseconds, as a model would. */
export function produceWords(stream: StreamLog, interval = 5) {
  const words: string[] = []
  const lost: unknown[] = []
  const ends: unknown[] = []
  stream.own({ lose: (error) => void lost.push(error), end: (end) => void ends.push(end) })
  const timer = setInterval(() => {
    const word = `word ${words.length} 안녕 `
    try {
      void Promise.resolve(stream.append([piece(word)])).catch(() => undefined)
      words.push(word)
    } catch {
      clearInterval(timer)
    }
  }, interval)
  return {
    words,
    lost,
    ends,
    text: () => words.join(''),
    stop: () => clearInterval(timer),
    async finish() {
      clearInterval(timer)
      return stream.seal({ state: 'done' }, 60_000)
    },
  }
}
