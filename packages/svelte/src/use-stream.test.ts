import { keepstream } from '@keepstream/core'
import { bindingContract, scriptedTransport } from '@keepstream/testing/contracts'
import { tick } from 'svelte'
import { get } from 'svelte/store'
import { describe, expect, it } from 'vitest'
import { dialects } from '../test/mount'
import { useStream } from './use-stream'

const hello = { event: 'hello', data: '{}', id: 'k-0' }
const text = { event: 'text', data: '"Hello"', id: 'k-1' }

// Before the suite, which needs both and waits long for each thing that it does not see.
describe('useStream of Svelte', () => {
  it('is one stream, however often its getters are read', () => {
    const answer = useStream({ protocol: keepstream(), transport: scriptedTransport(['hang']) })
    answer.start()
    expect([answer.status, answer.status, get(answer).status]).toEqual(['pending', 'pending', 'pending'])
    answer.reset()
  })

  it.each(dialects.map(({ stream }) => stream))(
    'tells those who have read it that something changed: $name',
    async ({ mount }) => {
      const page = await mount([{ protocol: keepstream(), transport: scriptedTransport(['hang']) }])
      page.views[0]?.[0]?.start()
      await tick()
      expect(page.element.textContent).toBe('pending: ')
      expect(page.views[0]?.map(({ status }) => status)).toEqual(['idle', 'pending'])
    },
  )

  it('keeps the contract of a store outside of components: a value at once, later ones, none after leaving', async () => {
    const answer = useStream({
      protocol: keepstream(),
      transport: scriptedTransport([[hello, text], 'hang']),
      linger: 0,
    })
    const seen: string[] = []
    const unsubscribe = answer.subscribe(({ status, data }) => seen.push(`${status}: ${data.text}`))
    expect(seen).toEqual(['idle: '])
    get(answer).start()
    await expect.poll(() => seen.at(-1)).toBe('streaming: Hello')
    unsubscribe()
    const last = seen.length
    answer.reset()
    expect([seen.length, answer.status, get(answer).status]).toEqual([last, 'idle', 'idle'])
  })

  it('gives the same actions as a property and in the value of the store', () => {
    const answer = useStream({ protocol: keepstream(), transport: scriptedTransport() })
    const { start, stop, resume, detach, reset } = answer
    expect(get(answer)).toMatchObject({ start, stop, resume, detach, reset })
  })

  it('reads its getters outside of an effect without connecting', async () => {
    const transport = scriptedTransport()
    const answer = useStream({ protocol: keepstream(), transport, method: 'GET', url: '/streams/1' })
    expect([answer.status, answer.data.text, answer.connection.state]).toEqual(['idle', '', 'idle'])
    await Promise.resolve()
    expect(transport.attempts).toEqual([])
  })

  it('throws for wrong options, and names them', () => {
    expect(() => useStream({ protocol: keepstream(), url: '/api/chat', linger: -1 })).toThrow('Option `linger`')
  })
})

for (const { stream } of dialects) bindingContract(stream)
