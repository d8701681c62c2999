import { expect } from 'vitest'
import { bareLine, keepstreamLine, type Line } from './harness'
import { chapter } from './table'
import { expectWhole } from './verdict'

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

fault('a reset every 50 ms under a `for await` that takes its time', {
  keepstream: [
    'gives each part once, in order',
    async () => {
      await using line = await keepstreamLine({ tokensPerSecond: 60 })
      const client = line.open()
      const timer = setInterval(() => line.proxy.cut(), 50)
      const run = client.ask()
      let text = ''
      for await (const part of run) {
        if (part.type === 'text') text += part.text
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
      clearInterval(timer)
      expect(text).toBe((await line.whole()).text)
      expect(client.drops.length).toBeGreaterThan(3)
      return await expectWhole(line, client, await run)
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

/** A proxy on the way closes what is silent for 300 ms, while the model thinks for a second. */
async function idleLimit(heartbeat: number) {
  await using line = await keepstreamLine({ firstTokenDelay: 1_000, hub: { heartbeat } })
  let seen = { bytes: -1, at: 0 }
  const timer = setInterval(() => {
    const bytes = line.proxy.bytes.down
    if (bytes !== seen.bytes) seen = { bytes, at: performance.now() }
    else if (performance.now() - seen.at > 300) line.proxy.cut({ how: 'end' })
  }, 10)
  const client = line.open()
  const snapshot = await client.ask().finally(() => clearInterval(timer))
  return { drops: client.drops.length, said: await expectWhole(line, client, snapshot) }
}

fault('an idle limit of a proxy, with heartbeats', {
  keepstream: [
    'is never reached',
    async () => {
      const { drops, said } = await idleLimit(100)
      expect(drops).toBe(0)
      return said
    },
  ],
})

fault('an idle limit of a proxy, without heartbeats', {
  keepstream: [
    'costs a connection each time and nothing else',
    async () => {
      const { drops, said } = await idleLimit(15_000)
      expect(drops).toBeGreaterThan(1)
      return said
    },
  ],
})
