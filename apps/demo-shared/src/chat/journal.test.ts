// @vitest-environment jsdom
import { keepstream } from '@keepstream/core'
import { createChat } from '@keepstream/core/chat'
import { type ScriptedStep, scriptedTransport } from '@keepstream/testing/contracts'
import { afterEach, expect, test, vi } from 'vitest'
import { createJournal } from './journal'
import { initialSettings } from './settings'

const hello = { event: 'hello', data: '{}', id: 'k-0' }
const text = { event: 'text', data: '"Hello"', id: 'k-1' }
const end = { event: 'end', data: '{"state":"done","n":1}', id: 'k-2' }

afterEach(() => {
  sessionStorage.clear()
  vi.unstubAllGlobals()
})

let asked = ''

/** A server that knows of so many calls for the last question, and of one that another tab asked in the same words. */
const ledger = (count: number) =>
  vi.fn(async () => {
    const call = (user: string) => ({ user, tokensSent: 1, outcome: 'finished' })
    return Response.json({ calls: [call('another'), ...Array.from({ length: count }, () => call(asked))] })
  })

function setup(...script: readonly (readonly ScriptedStep[])[]) {
  const journal = createJournal()
  const chat = createChat({
    protocol: keepstream(),
    transport: scriptedTransport(...script),
    retry: { baseDelay: 1 },
    messages: journal.messages,
    request(messages) {
      const input = journal.request(messages, initialSettings)
      asked = (input as { user: string }).user
      return input
    },
  })
  journal.watch(chat.stream)
  chat.subscribe(() => journal.observe(chat.get().messages))
  return { journal, chat }
}

test('an answer that is complete is proven once: how often the model was asked, how often the line was lost', async () => {
  const fetch = ledger(1)
  vi.stubGlobal('fetch', fetch)
  const { journal, chat } = setup([hello, text], [end])
  const { id } = await chat.send('Why?')
  await expect.poll(() => journal.get()[id]).toMatchObject({ drops: 1, calls: 1, asked: undefined })
  expect(fetch).toHaveBeenCalledTimes(1)
})

test('a connection that ends because the page is left is none that was lost', async () => {
  vi.stubGlobal('fetch', ledger(1))
  const { journal, chat } = setup([hello, text], [text, end])
  const leave = chat.subscribe(() => {
    if (chat.get().messages.at(-1)?.content === 'Hello') dispatchEvent(new Event('pagehide'))
  })
  const { id } = await chat.send('Why?')
  await expect.poll(() => journal.get()[id]).toMatchObject({ drops: 0, calls: 1 })
  leave()
})

test('what was noted is there after a reload, and goes with its answer', async () => {
  vi.stubGlobal('fetch', ledger(1))
  const { journal, chat } = setup([hello, text, end])
  const { id } = await chat.send('Why?')
  await expect.poll(() => journal.get()[id]?.calls).toBe(1)
  const again = createJournal()
  expect(again.messages.map(({ content }) => content)).toEqual(['Why?', 'Hello'])
  expect(again.get()[id]).toMatchObject({ calls: 1 })
  again.observe([])
  expect(createJournal()).toMatchObject({ messages: [] })
  expect(again.get()).toEqual({})
})

test('a stop is noted, and whoever watches is told', async () => {
  const { journal, chat } = setup([hello, text, 'hang'])
  void chat.send('Why?')
  await expect.poll(() => chat.get().status).toBe('streaming')
  const listener = vi.fn()
  journal.subscribe(listener)
  const id = chat.get().messages.at(-1)!.id
  journal.noteStop(id, 'telling')
  expect(journal.get()[id]).toMatchObject({ stop: 'telling' })
  expect(listener).toHaveBeenCalledTimes(1)
  journal.noteStop('nobody', 'confirmed')
  expect(Object.keys(journal.get())).toEqual([id])
  chat.stream.detach()
})
