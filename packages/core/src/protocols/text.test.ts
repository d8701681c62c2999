import { expect, test } from 'vitest'
import { scriptedTransport } from '../../test/scripted-transport'
import { createStream } from '../stream'
import { text } from './text'

const read = (data: string) => ({ event: 'message', data })

test('text is joined as it comes, and a clean close is its end', async () => {
  const transport = scriptedTransport({
    play: (attempt) => attempt.accept().send(read('안'), read('녕')).send(read('!')).close(),
  })
  expect(await createStream({ protocol: text(), transport }).start()).toMatchObject({
    status: 'done',
    data: { text: '안녕!' },
  })
})

test('nothing at all is an answer too', async () => {
  const transport = scriptedTransport({ play: (attempt) => attempt.accept().close() })
  expect(await createStream({ protocol: text(), transport }).start()).toMatchObject({
    status: 'done',
    data: { text: '' },
  })
})

test('a connection that breaks is an interruption, with the text kept', async () => {
  const transport = scriptedTransport({ play: (attempt) => attempt.accept().send(read('a')).cut() })
  expect(await createStream({ protocol: text(), transport }).start()).toMatchObject({
    status: 'interrupted',
    data: { text: 'a' },
    error: { code: 'interrupted', reason: 'network' },
  })
  expect(transport.attempts).toHaveLength(1)
})

test('a clock that runs out is no clean close', async () => {
  const transport = scriptedTransport({ play: (attempt) => attempt.accept().send(read('a')) })
  const stream = createStream({ protocol: text(), transport, clocks: { stall: 20 } })
  expect(await stream.start()).toMatchObject({ status: 'interrupted', data: { text: 'a' } })
})

test('says [DONE], events and JSON like any other text', async () => {
  const transport = scriptedTransport({
    play: (attempt) => attempt.accept().send(read('[DONE]'), read('data: {}\n\n')).close(),
  })
  expect((await createStream({ protocol: text(), transport }).start()).data.text).toBe('[DONE]data: {}\n\n')
})

test('the parser waits for the rest of a character, and replaces what never comes', () => {
  const { feed, end } = text().parser!('text/plain', 1_000)!
  const bytes = new TextEncoder().encode('한')
  expect(feed(bytes.subarray(0, 2))).toEqual([])
  expect(feed(bytes.subarray(2))).toEqual([read('한')])
  expect(feed(bytes.subarray(0, 2))).toEqual([])
  expect(end()).toEqual([read('\ufffd')])
})
