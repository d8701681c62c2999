import { expect } from 'vitest'
import { bareLine, keepstreamLine, type Line } from './harness'
import { chapter } from './table'
import { until } from './until'
import { expectWhole } from './verdict'
import { onBoth, transports, webSocketLine } from './websocket-line'

/** On a busy machine a whole attempt may fit between two cuts, again and again. */
const patient = { retry: { baseDelay: 10, maxDelay: 100, maxRetries: 1_000 } }

const fault = chapter(import.meta.filename, 'Networks that are slow or flap', {
  ...transports,
  bare: 'bare OpenAI endpoint',
})

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
  const said = 'changes nothing'
  fault(title, {
    fetch: [said, run(keepstreamLine)],
    webSocket: [said, run(webSocketLine)],
    bare: [said, run(bareLine)],
  })
}

weather('every byte by itself', (line) => line.proxy.trickle())
weather('every byte 200 ms late, give or take 100 ms', (line) => line.proxy.delay(200, { jitter: 100 }), {
  tokensPerSecond: 100,
})
weather('5,000 bytes a second', (line) => line.proxy.throttle(5_000))
weather('a hundred thousand characters at full speed, in whatever pieces', () => {}, {
  answer: 'Streams survive: 안녕하세요 👩‍👩‍👧. '.repeat(3_500),
})

fault(
  'a reset every 50 ms until it is done',
  onBoth('makes progress each time', async (lineOf) => {
    await using line = await lineOf({ tokensPerSecond: 30 })
    const client = line.open(patient)
    const timer = setInterval(() => line.proxy.cut(), 50)
    const snapshot = await client.ask().finally(() => clearInterval(timer))
    expect(client.drops.length).toBeGreaterThan(2)
    return await expectWhole(line, client, snapshot)
  }),
)

fault(
  'a reset every 300 ms until it is done, with delays as they come',
  onBoth('makes progress each time, so that no retries run out', async (lineOf) => {
    await using line = await lineOf({ tokensPerSecond: 15 })
    const client = line.open({ retry: { maxRetries: 3, maxDelay: 100 } })
    // Only what has carried something: on a busy machine one that never opened would be no progress.
    let before = 0
    const timer = setInterval(() => {
      if (client.text().length === before) return
      before = client.text().length
      line.proxy.cut()
    }, 300)
    const snapshot = await client.ask().finally(() => clearInterval(timer))
    expect(client.drops.length).toBeGreaterThan(3)
    return await expectWhole(line, client, snapshot)
  }),
)

fault(
  'a reset every 50 ms under a `for await` that takes its time',
  onBoth('gives each part once, in order', async (lineOf) => {
    await using line = await lineOf({ tokensPerSecond: 60 })
    const client = line.open(patient)
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
  }),
)

fault(
  'a black hole towards the server only',
  onBoth('nothing is missed: what arrives counts', async (lineOf) => {
    await using line = await lineOf({ tokensPerSecond: 50 })
    const client = line.open()
    const run = client.ask()
    await client.reads('S')
    line.proxy.blackhole({ direction: 'up' })
    const snapshot = await run
    await line.proxy.restore()
    expect(client.drops).toEqual([])
    return await expectWhole(line, client, snapshot)
  }),
)

fault(
  'a black hole towards the client only',
  onBoth('a clock notices; goes on from its cursor over a new connection', async (lineOf) => {
    await using line = await lineOf({ tokensPerSecond: 50 })
    const client = line.open({ clocks: { stall: 300 } })
    const run = client.ask()
    await client.reads('S')
    line.proxy.blackhole({ direction: 'down' })
    await until(() => client.drops, ['timeout'])
    await line.proxy.restore()
    return await expectWhole(line, client, await run)
  }),
)
