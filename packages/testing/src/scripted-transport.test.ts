import type { Frame, OpenRequest } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import { scriptedTransport } from './scripted-transport'

const frame = (data: string): Frame => ({ event: 'text', data })
const ask = (signal = new AbortController().signal): OpenRequest => ({
  cursor: undefined,
  attempt: 1,
  signal,
  start: undefined,
  location: undefined,
})

async function readAll(batches: AsyncIterable<readonly Frame[]>): Promise<(readonly Frame[])[]> {
  const read: (readonly Frame[])[] = []
  for await (const batch of batches) read.push(batch)
  return read
}

describe('a scripted transport', () => {
  it('plays one list for each attempt, one batch for each read, and records what was asked', async () => {
    const transport = scriptedTransport([frame('a'), [frame('b'), frame('c')]], [frame('d')])
    expect(await readAll(await transport(ask()))).toEqual([[frame('a')], [frame('b'), frame('c')]])
    expect(await readAll(await transport({ ...ask(), cursor: 'k-1' }))).toEqual([[frame('d')]])
    expect(transport.attempts.map(({ cursor }) => cursor)).toEqual([undefined, 'k-1'])
    expect(transport.open).toBe(0)
  })

  it('refuses where an error comes first, and breaks where one comes later', async () => {
    const transport = scriptedTransport([new Error('refused')], [frame('a'), new Error('broken')])
    await expect(transport(ask())).rejects.toThrow('refused')
    await expect(readAll(await transport(ask()))).rejects.toThrow('broken')
  })

  it('hangs until it is aborted, and then ends and counts as closed', async () => {
    const controller = new AbortController()
    const transport = scriptedTransport([frame('a'), 'hang', frame('never')])
    const read = readAll(await transport(ask(controller.signal)))
    expect(transport.open).toBe(1)
    controller.abort()
    expect(transport.open).toBe(0)
    expect(await read).toEqual([[frame('a')]])
  })

  it('waits for what a function returns, and no longer than the abort', async () => {
    const controller = new AbortController()
    const order: string[] = []
    const transport = scriptedTransport([
      async () => order.push('waited'),
      frame('a'),
      () => new Promise(() => order.push('waits for ever')),
    ])
    const batches = (await transport(ask(controller.signal)))[Symbol.asyncIterator]()
    expect((await batches.next()).value).toEqual([frame('a')])
    const rest = batches.next()
    controller.abort()
    expect((await rest).done).toBe(true)
    expect(order).toEqual(['waited', 'waits for ever'])
  })

  it('opens nothing for a signal that was aborted before', async () => {
    const transport = scriptedTransport(['hang'])
    await expect(transport(ask(AbortSignal.abort()))).rejects.toThrow('abort')
    expect(transport.open).toBe(0)
  })

  it('fails an attempt that is not in the script', async () => {
    await expect(scriptedTransport()(ask())).rejects.toMatchObject({ code: 'option', retryable: false })
  })

  it('acknowledges and records every stop', async () => {
    const transport = scriptedTransport()
    const request = { location: '/scripted', start: undefined, signal: new AbortController().signal }
    await transport.stop(request)
    expect(transport.stops).toEqual([request])
  })
})
