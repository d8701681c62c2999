// A little above 150 lines: the contract of topics in one place.
import { describe, expect, it, onTestFinished } from 'vitest'
import type { ContractTopic, ContractTopicAddress, ContractTopics, LogHarness } from './log-harness'
import { type LogLine, mintId, note, openLog, readFrom } from './log-line'

interface TopicLine extends LogLine {
  /** The topics as each process sees them. */
  readonly topics: readonly ContractTopics[]
  readonly last: ContractTopics
}

async function openTopics(harness: LogHarness): Promise<TopicLine> {
  const line = await openLog(harness)
  const topics = line.logs.map((log) => log.topics ?? expect.fail('This log keeps no topics.'))
  return { ...line, topics, last: topics.at(-1)! }
}

const addressOf = (key: string, keep: Partial<ContractTopicAddress['keep']> = {}): ContractTopicAddress => ({
  key,
  owner: { route: '/api/news' },
  keep: { entries: 1_000, bytes: 1_048_576, idle: 60_000, ...keep },
})

/** Opened as a reader has it: watched, until the end of the test. */
async function follow(topics: ContractTopics, address: ContractTopicAddress): Promise<ContractTopic> {
  const topic = await topics.open(address)
  onTestFinished(topic.watch(() => undefined) as () => void)
  return topic
}

const valuesOf = async (topic: ContractTopic, after = topic.earliest - 1) =>
  (await readFrom(topic, after)).map(({ data }) => JSON.parse(data) as unknown)

/** What every log does that keeps topics, in one process and over all that share it. */
export function topicContract(name: string, harness: LogHarness): void {
  describe(`the topics of ${name}`, () => {
    it('[R74] begin empty, with one name in every process', async () => {
      const { topics } = await openTopics(harness)
      const address = addressOf(mintId())
      const opened = await Promise.all(topics.map((each) => follow(each, address)))
      for (const topic of opened) {
        expect(topic).toMatchObject({
          id: address.key,
          owner: { route: '/api/news' },
          head: 0,
          earliest: 1,
          gone: false,
        })
        expect([topic.terminal, topic.snapshot]).toEqual([undefined, undefined])
      }
      expect(new Set(opened.map(({ epoch }) => epoch)).size).toBe(1)
      expect(opened[0]!.epoch).toMatch(/^[A-Za-z0-9]{6,8}$/)
    })

    it('[R74] have one order of what all processes publish at once, the same for every reader', async () => {
      const { topics, eventually } = await openTopics(harness)
      const address = addressOf(mintId())
      const opened = await Promise.all(topics.map((each) => follow(each, address)))
      const each = 100
      const published = await Promise.all(
        topics.map(async (one, process) => {
          const ids: string[] = []
          for (let index = 0; index < each; index++) ids.push(await one.publish(address, [note([process, index])]))
          return ids
        }),
      )
      const total = each * topics.length
      await eventually(() => opened.every(({ head }) => head === total), 'for all messages in all processes')
      const seen = await Promise.all(opened.map((topic) => valuesOf(topic)))
      for (const values of seen) expect(values).toEqual(seen[0])
      published.forEach((ids, process) => {
        const own = seen[0]!.flatMap((value, at) => ((value as number[])[0] === process ? [at + 1] : []))
        expect(ids).toEqual(own.map((seq) => `${opened[0]!.epoch}-${seq}`))
        // In the order in which that process published them.
        const order = own.map((seq) => (seen[0]![seq - 1] as number[])[1])
        expect(order).toEqual(Array.from({ length: each }, (_, index) => index))
      })
    })

    it('[R74] take several entries at once, together', async () => {
      const { topics, last, eventually } = await openTopics(harness)
      const address = addressOf(mintId())
      const topic = await follow(last, address)
      const batches = topics.flatMap((each, process) =>
        Array.from({ length: 20 }, (_, batch) =>
          each.publish(address, [note([process, batch, 0]), note([process, batch, 1]), note([process, batch, 2])]),
        ),
      )
      await Promise.all(batches)
      await eventually(() => topic.head === batches.length * 3, 'for all batches')
      const values = (await valuesOf(topic)) as [number, number, number][]
      for (let at = 0; at < values.length; at += 3) {
        const [process, batch] = values[at]!
        expect(values.slice(at, at + 3)).toEqual([0, 1, 2].map((piece) => [process, batch, piece]))
      }
    })

    it('[R74] keep the newest entries, so many and so many bytes, and always the last one', async () => {
      const { topics, eventually } = await openTopics(harness)
      const [few, small] = [addressOf(mintId(), { entries: 7 }), addressOf(mintId(), { bytes: 2_000 })]
      const opened = await Promise.all(topics.flatMap((each) => [follow(each, few), follow(each, small)]))
      for (let index = 1; index <= 30; index++) {
        const publisher = topics[index % topics.length]!
        await publisher.publish(few, [note(index)])
        await publisher.publish(small, [note('x'.repeat(150))])
      }
      await eventually(() => opened.every(({ head }) => head === 30), 'for all messages')
      for (const [at, topic] of opened.entries()) {
        const held = await readFrom(topic, topic.earliest - 1)
        if (at % 2 === 0)
          expect([topic.earliest, held.map(({ data }) => JSON.parse(data))]).toEqual([24, [24, 25, 26, 27, 28, 29, 30]])
        // An entry is about 200 bytes as sent.
        else expect(held.length >= 5 && held.length <= 13).toBe(true)
      }
      await topics[0]!.publish(small, [note('y'.repeat(5_000))])
      await eventually(() => opened.every(({ head }, at) => at % 2 === 0 || head === 31), 'for the large one')
      for (const [at, topic] of opened.entries()) {
        if (at % 2 === 1) expect([topic.earliest, await valuesOf(topic)]).toEqual([31, ['y'.repeat(5_000)]])
      }
    })

    it('[R74] tell who watches, in every process', async () => {
      const { topics, eventually } = await openTopics(harness)
      const address = addressOf(mintId())
      const told = topics.map(() => 0)
      for (const [at, each] of topics.entries()) {
        const topic = await each.open(address)
        onTestFinished(topic.watch(() => void told[at]!++) as () => void)
      }
      for (const each of topics) {
        const before = [...told]
        await each.publish(address, [note(1)])
        await eventually(() => told.every((count, at) => count > before[at]!), 'for every watcher')
      }
    })

    it('[R75] never meet under different names', async () => {
      const { topics, last } = await openTopics(harness)
      const [one, two] = [addressOf(mintId()), addressOf(mintId())]
      await topics[0]!.publish(one, [note('one')])
      await topics[0]!.publish(two, [note('two'), note('two')])
      expect(await valuesOf(await follow(last, one))).toEqual(['one'])
      expect(await valuesOf(await follow(last, two))).toEqual(['two', 'two'])
    })

    it('[R74] are forgotten when nobody uses them for as long as they said, and begin another life', async () => {
      const { topics, last, logs, pass, eventually } = await openTopics(harness)
      const [idle, read] = [addressOf(mintId(), { idle: 300 }), addressOf(mintId(), { idle: 300 })]
      await topics[0]!.publish(idle, [note(1)])
      await topics[0]!.publish(read, [note(1)])
      const before = await last.open(idle)
      const kept = await follow(last, read)
      await eventually(async () => {
        await pass(150)
        for (const log of logs) log.sweep()
        return before.gone
      }, 'for the topic that nobody reads')
      expect([kept.gone, await valuesOf(kept)]).toEqual([false, [1]])
      const after = await last.open(idle)
      expect([after.head, after.epoch === before.epoch]).toEqual([0, false])
      expect(await topics[0]!.publish(idle, [note(2)])).toBe(`${after.epoch}-1`)
    })
  })
}
