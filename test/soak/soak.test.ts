import { createStream, keepstream, type Message, type MessagePart, type Stream } from '@keepstream/core'
import { memoryLog } from '@keepstream/server'
import { createFaultProxy, createScriptedModel } from '@keepstream/testing'
import { expect, test } from 'vitest'
import { networkFaults } from '../chaos/faults'
import { seeded } from '../chaos/seeded'
import { startNode } from '../chaos/server-node'

const minutes = Number(process.env.MINUTES ?? 10)
const askers = 20
const faultEvery = 5_000
// What the last answers may take. In milliseconds.
const patience = 30_000
const sampleEvery = 5_000

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
const counts = () => {
  const held: Record<string, number> = {}
  for (const name of process.getActiveResourcesInfo()) held[name] = (held[name] ?? 0) + 1
  return held
}

/** What is held in mebibytes once what is not needed is gone. */
async function heap(): Promise<number> {
  // Finalizers run between two collections, and free what the second one finds.
  globalThis.gc?.()
  await pause(20)
  globalThis.gc?.()
  return process.memoryUsage().heapUsed / 2 ** 20
}

test(`for ${minutes} minutes a fault every 5 s: every answer whole, memory flat, nothing left`, async () => {
  const random = seeded(Number(process.env.SEED ?? 1))
  const answer = Array.from({ length: 100 }, (_, index) => `토큰 ${index} `).join('')
  const before = counts()
  const model = await createScriptedModel({ answer, tokensPerSecond: 100 })
  // A log that fills within the first minute, so that what comes later shows whether it is bounded.
  const node = await startNode(model.url, async () => ({
    log: memoryLog({ maxLogBytes: 2 ** 20, maxKeys: 1_000 }),
    sever: async () => {},
    close: async () => {},
  }))
  const proxy = await createFaultProxy({ target: `http://127.0.0.1:${node.port}/api/chat` })
  const until = performance.now() + minutes * 60_000
  let answers = 0
  const broken: string[] = []
  const asked = new Set<Stream<MessagePart, Message>>()
  const struck: Record<string, number> = {}
  const heaps: number[] = []

  async function ask(): Promise<void> {
    while (performance.now() < until) {
      const stream = createStream({
        url: proxy.url,
        protocol: keepstream(),
        retry: { baseDelay: 20, maxDelay: 500, maxRetries: 100 },
        clocks: { connect: 2_000, stall: 3_000 },
      })
      asked.add(stream)
      const { status, data, error } = await stream.start({ messages: [{ role: 'user', content: 'Go on.' }] })
      answers++
      if (status !== 'done' || data.text !== answer) broken.push(`${status} ${error?.message} ${data.text.length}`)
      stream.reset()
      asked.delete(stream)
    }
  }

  async function strike(): Promise<void> {
    const world = { proxy } as unknown as Parameters<(typeof networkFaults)[number]['strike']>[0]
    while (performance.now() < until - faultEvery) {
      await pause(faultEvery)
      const fault = random.pick(networkFaults)
      struck[fault.name] = (struck[fault.name] ?? 0) + 1
      await fault.strike(world, random)
    }
    await proxy.restore()
  }

  async function sample(): Promise<void> {
    while (performance.now() < until) {
      await pause(sampleEvery)
      heaps.push(await heap())
    }
  }

  let late: ReturnType<typeof setTimeout> | undefined
  const endless = new Promise<never>((_, reject) => {
    late = setTimeout(
      () => {
        const story = [...asked].map((stream) => ({ ...stream.get(), data: stream.get().data.text.length }))
        reject(
          new Error(`Some wait for ever: ${JSON.stringify({ story, faults: proxy.faults, counts: node.counts() })}`),
        )
      },
      minutes * 60_000 + patience,
    )
  })
  await Promise.race([Promise.all([...Array.from({ length: askers }, ask), strike(), sample()]), endless])
  clearTimeout(late)
  await proxy.close()
  await node.close()
  await model.close()
  await pause(1_000)

  // The first third fills caches and the log; the rest has to stay where it is.
  const steady = heaps.slice(Math.floor(heaps.length / 3))
  const [early, later] = [steady.slice(0, steady.length / 2), steady.slice(steady.length / 2)].map(median)
  const left = counts()
  process.stdout.write(
    `${answers} answers through ${JSON.stringify(struck)}; heap ${early?.toFixed(1)} → ${later?.toFixed(1)} MiB; calls ${model.calls}\n`,
  )
  expect(broken).toEqual([])
  expect(model.calls).toBe(answers)
  expect(later).toBeLessThan((early ?? 0) * 1.03 + 0.5)
  expect({ sockets: left.TCPSocketWrap ?? 0, servers: left.TCPServerWrap ?? 0 }).toEqual({
    sockets: before.TCPSocketWrap ?? 0,
    servers: before.TCPServerWrap ?? 0,
  })
})
