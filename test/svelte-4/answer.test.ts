import { registry } from '@keepstream/core'
import {
  createGate,
  endFrame,
  helloFrame,
  optionsOver,
  scriptedTransport,
  textFrame,
} from '@keepstream/testing/contracts'
import { VERSION } from 'svelte/compiler'
import { get } from 'svelte/store'
import { afterEach, describe, expect, it } from 'vitest'
import { provideKeepstream, useChat, useCompare, useStream } from '../../packages/svelte/src/svelte-4'
import Answer from './Answer.svelte'

afterEach(() => registry.clear())

describe(`a component of Svelte ${VERSION}`, () => {
  it('shows an answer as a store, updates it, and leaves it when it is destroyed', async () => {
    expect(VERSION).toMatch(/^4\./)
    const gate = createGate()
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], gate, [textFrame(2, 'lo you')], 'hang'])
    const target = document.createElement('div')
    const { protocol, retry } = optionsOver(transport)
    const props = { defaults: { retry, linger: 0 }, options: { protocol, transport } }
    const page = new Answer({ target, props })
    const shown = () => target.querySelector('output')?.textContent
    expect(shown()).toBe('idle:  (1)')
    target.querySelector('button')?.click()
    await expect.poll(shown).toBe('streaming: Hel (1)')
    gate.open()
    await expect.poll(shown).toBe('streaming: Hello you (2)')
    page.$destroy()
    await expect.poll(() => transport.open).toBe(0)
    expect(transport.attempts).toHaveLength(1)
  })

  it('shows a conversation', async () => {
    const target = document.createElement('div')
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hello'), endFrame(2)]])
    const page = new Answer({ target, props: { defaults: {}, options: optionsOver(transport) } })
    target.querySelectorAll('button')[1]?.click()
    await expect.poll(() => target.querySelector('ul')?.textContent).toBe('user: Hiassistant: Hello')
    page.$destroy()
  })

  it('connects a GET stream once for all who show it', async () => {
    const target = document.createElement('div')
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'News')], 'hang'])
    const options = optionsOver(transport, { method: 'GET', url: '/news', key: 'news', linger: 0 } as const)
    const page = new Answer({ target, props: { defaults: {}, options } })
    await expect.poll(() => target.querySelector('output')?.textContent).toBe('streaming: News (1)')
    expect(target.querySelector('ul')?.textContent).toBe('assistant: News')
    expect(transport.attempts).toHaveLength(1)
    page.$destroy()
    await expect.poll(() => transport.open).toBe(0)
  })
})

describe('the contract of a store', () => {
  it('calls at once, after each change, and not after leaving', async () => {
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hello')], 'hang'])
    const answer = useStream(optionsOver(transport, { linger: 0 }))
    const seen: string[] = []
    const leave = answer.subscribe(({ status, data }) => void seen.push(`${status}: ${data.text}`))
    expect(seen).toEqual(['idle: '])
    get(answer).start()
    expect(seen).toEqual(['idle: ', 'pending: '])
    await expect.poll(() => seen.at(-1)).toBe('streaming: Hello')
    leave()
    const last = seen.length
    answer.reset()
    expect([seen.length, get(answer).status]).toEqual([last, 'idle'])
  })

  it('goes over to another stream at its next start, and leaves the first', async () => {
    const transport = scriptedTransport(
      [[helloFrame(), textFrame(1, 'One')], 'hang'],
      [[helloFrame(), textFrame(1, 'Two'), endFrame(2)]],
    )
    let key = 'one'
    const answer = useStream(() => optionsOver(transport, { key, linger: 0 }))
    const seen: string[] = []
    const leave = answer.subscribe(({ data }) => void seen.push(data.text))
    void answer.start()
    await expect.poll(() => seen.at(-1)).toBe('One')
    key = 'two'
    await answer.start()
    await expect.poll(() => seen.at(-1)).toBe('Two')
    await expect.poll(() => transport.open).toBe(0)
    leave()
  })

  it('calls once for a change of several answers of a comparison', async () => {
    const frames = [helloFrame(), textFrame(1, 'Hello'), endFrame(2)]
    const comparison = useCompare({ ...optionsOver(scriptedTransport(frames, frames)), models: ['small', 'large'] })
    const seen: unknown[] = []
    const leave = comparison.subscribe(({ answers }) => void seen.push(answers))
    await comparison.start({})
    await expect.poll(() => get(comparison).answers.map(({ snapshot }) => snapshot.status)).toEqual(['done', 'done'])
    expect(seen.length).toBeGreaterThan(2)
    expect(new Set(seen).size).toBe(seen.length)
    leave()
  })

  it('throws for wrong options at the call, and says where defaults can be given', () => {
    expect(() => useChat({ url: '/api', linger: -1 })).toThrow('Option `linger`')
    expect(() => provideKeepstream({})).toThrow('There is no component')
  })
})
