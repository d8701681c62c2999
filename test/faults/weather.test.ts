import { expect } from 'vitest'
import { bareLine, expectWhole, keepstreamLine, type Line } from './harness'
import { chapter } from './table'

const fault = chapter(import.meta.filename, 'Networks that are slow or flap')

/** The same weather for both kinds of endpoint. No fault here is a reason to connect again. */
function weather(
  title: string,
  change: (line: Line) => void,
  options: { tokensPerSecond?: number; answer?: string } = {},
) {
  const run = (open: (options: object) => Promise<Line>) => async () => {
    await using line = await open(options)
    change(line)
    const client = line.open()
    const snapshot = await client.ask()
    expect(client.drops).toEqual([])
    return await expectWhole(line, client, snapshot)
  }
  fault(title, { keepstream: ['changes nothing', run(keepstreamLine)], bare: ['changes nothing', run(bareLine)] })
}

weather('every byte by itself', (line) => line.proxy.trickle())
weather('every byte 200 ms late, give or take 100 ms', (line) => line.proxy.delay(200, { jitter: 100 }), {
  tokensPerSecond: 100,
})
weather('5,000 bytes a second', (line) => line.proxy.throttle(5_000))
weather('a hundred thousand characters at full speed, in whatever pieces', () => {}, {
  answer: 'Streams survive: 안녕하세요 👩‍👩‍👧. '.repeat(3_500),
})

fault('a reset every 50 ms until it is done', {
  keepstream: [
    'makes progress each time',
    async () => {
      await using line = await keepstreamLine({ tokensPerSecond: 30 })
      const client = line.open()
      const timer = setInterval(() => line.proxy.cut(), 50)
      const snapshot = await client.ask().finally(() => clearInterval(timer))
      expect(client.drops.length).toBeGreaterThan(5)
      return await expectWhole(line, client, snapshot)
    },
  ],
})

fault('a black hole towards the server only', {
  keepstream: [
    'nothing is missed: what arrives counts',
    async () => {
      await using line = await keepstreamLine({ tokensPerSecond: 50 })
      const client = line.open()
      const run = client.ask()
      await client.reads('S')
      line.proxy.blackhole({ direction: 'up' })
      const snapshot = await run
      await line.proxy.restore()
      expect(client.drops).toEqual([])
      return await expectWhole(line, client, snapshot)
    },
  ],
})
