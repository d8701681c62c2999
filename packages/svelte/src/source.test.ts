import { registry } from '@keepstream/core'
import { endFrame, helloFrame, optionsOver, scriptedTransport, textFrame } from '@keepstream/testing/contracts'
import { render } from '@testing-library/svelte'
import { afterEach, describe, expect, it } from 'vitest'
import Parts from '../test/Parts.svelte'
import { useStream } from './index'

afterEach(() => registry.clear())

/** So many pieces, each shown by itself, however slow the machine is. */
const turn = () => new Promise((resolve) => setTimeout(resolve))
const paced = (count: number) =>
  Array.from({ length: count }, (_, index) => [textFrame(index + 1, `${index} `), turn]).flat()
const schedule = (notify: () => void) => notify()

describe('what reads a part of an answer', () => {
  it('runs again only when that part has changed', async () => {
    const transport = scriptedTransport([helloFrame(), ...paced(20), endFrame(21)])
    const seen: { status: string[]; words: number[]; text: string[] } = { status: [], words: [], text: [] }
    const options = optionsOver(transport, { key: 'parts', schedule })
    const page = render(Parts, { props: { options, seen } })
    registry.get(options).start()
    await expect.poll(() => page.container.textContent).toBe('done')
    expect(seen.status).toEqual(['idle', 'pending', 'streaming', 'done'])
    expect(seen.text.length).toBeGreaterThan(10)
    expect(seen.text.at(-1)).toMatch(/^0 .* 19 $/)
    // A derived of a part counts as that part does.
    expect(new Set(seen.words).size).toBe(seen.words.length)
  })

  it('leaves the stream with the last effect that reads any part', async () => {
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], 'hang'])
    const seen = { status: [], words: [], text: [] }
    const options = optionsOver(transport, { method: 'GET', url: '/streams/1', linger: 0 } as const)
    const page = render(Parts, { props: { options, seen } })
    await expect.poll(() => page.container.textContent).toBe('streaming')
    expect(transport.open).toBe(1)
    page.unmount()
    await expect.poll(() => transport.open).toBe(0)
    expect(transport.attempts).toHaveLength(1)
  })

  it('goes over to another stream with the options', async () => {
    const seen = { status: [], words: [], text: [] as string[] }
    const transport = scriptedTransport(
      [[helloFrame(), textFrame(1, 'One'), endFrame(2)]],
      [[helloFrame(), textFrame(1, 'Two'), endFrame(2)]],
    )
    const page = render(Parts, { props: { options: optionsOver(transport, { key: 'one' }), seen } })
    registry.get(optionsOver(transport, { key: 'one' })).start()
    await expect.poll(() => page.container.textContent).toBe('done')
    await page.rerender({ options: optionsOver(transport, { key: 'two' }) })
    await expect.poll(() => page.container.textContent).toBe('idle')
    registry.get(optionsOver(transport, { key: 'two' })).start()
    await expect.poll(() => page.container.textContent).toBe('done')
    expect(seen.text.filter((piece) => piece !== '')).toEqual(['One', 'Two'])
  })
})

describe('options of a function', () => {
  it('may lead to another stream without a rune, which is shown from its start', async () => {
    const transport = scriptedTransport(
      [[helloFrame(), textFrame(1, 'One'), endFrame(2)]],
      [[helloFrame(), textFrame(1, 'Two'), endFrame(2)]],
    )
    let key = 'one'
    const answer = useStream(() => optionsOver(transport, { key }))
    const seen: string[] = []
    const leave = answer.subscribe(({ data }) => void seen.push(data.text))
    await answer.start()
    await expect.poll(() => seen.at(-1)).toBe('One')
    key = 'two'
    await answer.start()
    await expect.poll(() => seen.at(-1)).toBe('Two')
    leave()
  })

  it('lead those who show it to another stream although somebody has read it before its start', async () => {
    const transport = scriptedTransport(
      [[helloFrame(), textFrame(1, 'One'), endFrame(2)]],
      [[helloFrame(), textFrame(1, 'Two'), endFrame(2)]],
    )
    let key = 'read-one'
    const answer = useStream(() => optionsOver(transport, { key }))
    const seen: string[] = []
    const leave = answer.subscribe(({ data }) => void seen.push(data.text))
    await answer.start()
    await expect.poll(() => seen.at(-1)).toBe('One')
    key = 'read-two'
    // As a handler does that asks first whether there is an answer.
    expect(answer.status).toBe('idle')
    await answer.start()
    await expect.poll(() => seen.at(-1)).toBe('Two')
    leave()
  })

  it('are read again at each start, whether they are reactive or not', async () => {
    const seen: unknown[] = []
    let token = 'first'
    const fetch = async (_: unknown, init?: RequestInit) => {
      seen.push(new Headers(init?.headers).get('authorization'))
      return new Response(undefined, { status: 400 })
    }
    const { protocol } = optionsOver(scriptedTransport())
    const answer = useStream(() => ({ url: '/api', protocol, fetch, headers: { authorization: token } }))
    await answer.start()
    token = 'second'
    await answer.start()
    expect(seen).toEqual(['first', 'second'])
  })
})
