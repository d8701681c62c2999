import fc from 'fast-check'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { end, hello, text } from '../test/keepstream-frames'
import { type ScriptedAttempt, scriptedTransport } from '../test/scripted-transport'
import type { ChatMessage } from './chat-message'
import type { ChatSettings } from './chat-options'
import { createChat } from './conversation'
import { StreamError } from './errors'
import { keepstream } from './protocols/keepstream'
import { createStream } from './stream'

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

const settle = (milliseconds = 20) => vi.advanceTimersByTimeAsync(milliseconds)

function setup(settings: ChatSettings) {
  const transport = scriptedTransport({ stop: async () => {} })
  const retry = { jitterFactor: 0, baseDelay: 10, maxRetries: 2 }
  const stream = createStream({ protocol: keepstream(), transport, retry })
  return { chat: createChat({ stream, ...settings }), stream, transport }
}

const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ type: fc.constant('send' as const), bad: fc.nat(9).map((n) => n === 0) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('stop', 'regenerate', 'resume', 'leave', 'come') }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constantFrom('edit', 'again', 'set'), at: fc.nat(20) }) },
  { weight: 6, arbitrary: fc.record({ type: fc.constant('text') }) },
  {
    weight: 3,
    arbitrary: fc.record({ type: fc.constant('end'), state: fc.constantFrom('done', 'failed', 'stopped') }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('cut', 'refuse', 'broken') }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('wait'), milliseconds: fc.constantFrom(100, 4_000, 8_000) }) },
) as fc.Arbitrary<{ type: string; bad?: boolean; at?: number; state?: string; milliseconds?: number }>

test.each(['reject', 'queue', 'interrupt'] as const)(
  'in every history with `%s`, nothing is lost, doubled, out of order, or waited for in vain',
  async (whenBusy) => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const request = (messages: readonly ChatMessage[]) => {
          if (messages.at(-1)?.content.startsWith('bad')) throw new Error('no')
          return messages.map(({ content }) => content)
        }
        const { chat, stream, transport } = setup({ whenBusy, request, maxQueued: 3 })
        /** What the server holds of each start. */
        const logs = new Map<string, { texts: string[]; ended?: string; question: unknown }>()
        const accepted = new Set<ScriptedAttempt>()
        const asked: unknown[] = []
        let expectedOrder: string[] = []
        const promises: Promise<unknown>[] = []
        const roles = new Map<string, string>()
        let leave = chat.subscribe(() => {})
        let count = 0

        const terminal = (position: number, state: string) =>
          end(position, state, state === 'failed' ? { error: { code: 'x', message: 'No.' } } : {})

        function serve(): ScriptedAttempt | undefined {
          const attempt = transport.attempts.at(-1)
          if (!attempt || attempt.closed) return undefined
          const { key, input } = attempt.request.start!
          if (!logs.has(key)) {
            logs.set(key, { texts: [], question: (input as string[]).at(-1) })
            asked.push((input as string[]).at(-1))
          }
          return attempt
        }

        function connect(attempt: ScriptedAttempt): void {
          if (accepted.has(attempt)) return
          accepted.add(attempt)
          const { texts, ended } = logs.get(attempt.request.start!.key)!
          const from = Number(attempt.request.cursor?.split('-')[1] ?? 0)
          attempt.accept({ location: `/${attempt.request.start!.key}` }).send(hello(from))
          texts.forEach((value, index) => void (index >= from && attempt.send(text(index + 1, value))))
          if (ended) attempt.send(terminal(texts.length + 1, ended))
        }

        function act(promise: Promise<unknown>): void {
          promises.push(promise.catch(() => {}))
        }

        for (const { type, bad, at = 0, state = 'done', milliseconds = 0 } of steps) {
          const { messages, busy } = chat.get()
          const attempt = serve()
          const log = attempt && logs.get(attempt.request.start!.key)!
          const question = `${bad ? 'bad' : 'ask'}${++count}`
          if (type === 'send') {
            if (!bad && (!busy || (whenBusy !== 'reject' && chat.get().queued.length < 3))) expectedOrder.push(question)
            act(chat.send(question))
          }
          if (type === 'stop') {
            const refused = chat.get().queued.map(({ content }) => content)
            expectedOrder = expectedOrder.filter((question) => !refused.includes(question))
            act(chat.stop())
          }
          if (type === 'resume') act(chat.resume())
          if (type === 'leave') leave()
          if (type === 'come') leave = chat.subscribe(() => {})
          if (type === 'regenerate' && !busy) act(chat.regenerate())
          const message = messages[at % (messages.length || 1)]
          if (type === 'edit' && !busy && message?.role === 'user') {
            expectedOrder.push(question)
            act(chat.edit(message.id, question))
          }
          if (type === 'again' && !busy && message?.role === 'assistant') act(chat.regenerate(message.id))
          if (type === 'set' && !busy) chat.set(messages.slice(0, (at % 3) * 2))
          if (type === 'text' && log && !log.ended) {
            connect(attempt)
            log.texts.push(`${question};`)
            attempt.send(text(log.texts.length, `${question};`))
          }
          if (type === 'end' && log && !log.ended) {
            connect(attempt)
            log.ended = state
            attempt.send(terminal(log.texts.length + 1, state))
          }
          if (type === 'cut' && attempt && accepted.has(attempt)) attempt.cut()
          if (type === 'refuse' && attempt && !accepted.has(attempt))
            attempt.refuse(new StreamError('network', 'Down.'))
          if (type === 'broken' && attempt && !accepted.has(attempt))
            attempt.refuse(new StreamError('http', 'Bad.', { status: 400 }))
          await settle(milliseconds + 20)
          serve()
          check()
        }

        function check(): void {
          const { messages, status, queued } = chat.get()
          expect(chat.get()).toBe(chat.get())
          expect(queued.length).toBeLessThanOrEqual(3)
          expect(new Set(messages.map(({ id }) => id)).size).toBe(messages.length)
          messages.forEach(({ id, role, content, status: own = 'done' }, index) => {
            expect(role).toBe(index % 2 === 0 ? 'user' : 'assistant')
            expect(roles.get(id) ?? role).toBe(role)
            roles.set(id, role)
            if (role === 'user') return
            const last = index === messages.length - 1
            if (!last) expect(own).not.toMatch(/pending|streaming/)
            else if (status !== 'idle') expect(own).toBe(status)
            // All that its server has sent, under the question that it was asked.
            const log = [...logs.values()].find(({ texts }) => texts.length > 0 && texts.join('') === content)
            if (content !== '') expect(log?.question).toBe(messages[index - 1]?.content)
          })
        }

        // Whoever waits is served in the end.
        for (let rounds = 0; chat.get().busy; rounds++) {
          expect(rounds).toBeLessThan(30)
          if (!stream.get().connection.attempt) act(chat.resume())
          await settle()
          const attempt = serve()
          if (attempt) {
            connect(attempt)
            const log = logs.get(attempt.request.start!.key)!
            if (!log.ended) attempt.send(terminal(log.texts.length + 1, 'done'))
            log.ended ??= 'done'
          }
          await settle(4_000)
        }
        check()
        await Promise.all(promises)
        const sends = asked.filter((question, index) => asked.indexOf(question) === index)
        expect(sends.filter((question) => expectedOrder.includes(question as string))).toEqual(sends)
        const served = expectedOrder.filter((question) => sends.includes(question))
        expect(sends).toEqual(served)
        leave()
      }),
      { numRuns: 150 },
    )
  },
)
