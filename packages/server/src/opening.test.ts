import { createParser } from '@keepstream/core/sse'
import { describe, expect, it } from 'vitest'
import { terminalOf } from './entry'
import { openingBytes } from './opening'
import { askedAfter, locate } from './position'

const rhythm = { heartbeat: 15_000, retry: 1750 }
const extent = { epoch: 'k3Zp9Q', earliest: 5, head: 120, terminal: undefined }
const read = (bytes: Uint8Array) =>
  createParser()
    .feed(bytes)
    .map(({ data, ...frame }) => ({ ...frame, data: JSON.parse(data) }))

describe('openingBytes', () => {
  it('[R11] writes hello as PROTOCOL.md shows it', () => {
    const bytes = openingBytes(extent, { position: 56, resumed: true }, rhythm)
    expect(new TextDecoder().decode(bytes)).toBe(
      'retry: 1750\nid: k3Zp9Q-56\nevent: hello\ndata: {"v":1,"epoch":"k3Zp9Q","position":56,"head":120,"state":"live","resumed":true,"heartbeat":15000}\n\n',
    )
  })

  it('[R11] says how a stream ended that is over', () => {
    const terminal = terminalOf('k3Zp9Q', 120, { state: 'lost' })
    expect(read(openingBytes({ ...extent, terminal }, { position: 56, resumed: true }, rhythm))[0]!.data.state).toBe(
      'lost',
    )
  })

  it('[R61 R62] gives what the dropped entries come to, and no place between the reset and that', () => {
    const snapshot = { seq: 100, data: '{"text":"Hello"}' }
    const bytes = openingBytes({ ...extent, snapshot }, { position: 100, resumed: false, reset: 'evicted' }, rhythm)
    const frames = read(bytes)
    expect(frames.map(({ event, id, data }) => [event, id, data])).toEqual([
      ['hello', undefined, expect.objectContaining({ position: 100, resumed: false })],
      ['reset', 'k3Zp9Q-0', { reason: 'evicted', earliest: 5 }],
      ['snapshot', 'k3Zp9Q-100', { text: 'Hello' }],
    ])
    // A cut between the two leads back to the reset: nobody can go on from 0 where the first entries are gone.
    expect(locate(askedAfter('k3Zp9Q-0'), { ...extent, snapshot })).toEqual({
      position: 100,
      resumed: false,
      reset: 'evicted',
    })
  })

  it('[R15] gives the position with the reset and not before it, so that a cut between them loses nothing', () => {
    const bytes = openingBytes(extent, { position: 4, resumed: false, reset: 'evicted' }, rhythm)
    const [hello, reset] = read(bytes)
    expect(hello).toMatchObject({ event: 'hello', data: { position: 4, resumed: false } })
    expect(hello).not.toHaveProperty('id')
    expect(reset).toEqual({
      event: 'reset',
      id: 'k3Zp9Q-4',
      retry: reset?.retry,
      data: { reason: 'evicted', earliest: 5 },
    })
    // Whatever part of it arrives, a client has the old position or the whole truth.
    for (let length = 0; length < bytes.length; length++) {
      const parser = createParser()
      parser.feed(bytes.subarray(0, length))
      expect(parser.lastEventId).toBe('')
    }
  })
})
