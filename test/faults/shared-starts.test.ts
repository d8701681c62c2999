// Above 150 lines: what clients do to one answer through two processes at once.
import { describe, expect } from 'vitest'
import { type Nodes, pause, settled, useNodes, words } from './nodes'
import { chapter } from './table'
import { until } from './until'

const startNodes = useNodes()
const fault = chapter(
  import.meta.filename,
  'Starts, stops and clocks of several processes',
  { keepstream: 'Keepstream: two processes on one Redis' },
  describe.concurrent,
)

const post = (url: string, key: string, prompt: string) =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': key },
    body: JSON.stringify({ messages: [{ role: 'user', content: prompt }] }),
  })

fault(
  'twenty starts at once with one key at both, late ones, and another start with it',
  {
    keepstream: [
      '[R95] are one answer; the other start is refused',
      async () => {
        await using nodes = await startNodes({ answer: words(40) })
        const urls = nodes.nodes.map(({ url }) => url)
        const answers = await Promise.all(
          Array.from({ length: 20 }, (_, index) => post(urls[index % 2]!, 'one-key', 'Hello')),
        )
        expect(answers.map(({ status }) => status).sort()).toEqual([...Array(19).fill(200), 201])
        expect(new Set(answers.map(({ headers }) => headers.get('location'))).size).toBe(1)
        const bodies = await Promise.all(answers.map((response) => response.text()))
        const texts = new Set(bodies.map((body) => textOf(body)))
        expect([...texts]).toEqual([words(40)])
        for (const url of urls) {
          const late = await post(url, 'one-key', 'Hello')
          expect([late.status, late.headers.get('idempotent-replayed')]).toEqual([200, 'true'])
          expect(textOf(await late.text())).toBe(words(40))
          expect((await post(url, 'one-key', 'Good bye')).status).toBe(422)
        }
        expect(nodes.model.calls).toBe(1)
        return 'one stream, one call; 422'
      },
    ],
  },
  240_000,
)

const textOf = (body: string) =>
  [...body.matchAll(/^event: text\n(?:id: .*\n)?data: (.*)$/gm)].map(([, data]) => JSON.parse(data!) as string).join('')

for (const carrier of ['fetch', 'webSocket'] as const) {
  fault(
    `the answer to the start is lost three times, at one process and the other in turn (${carrier})`,
    {
      keepstream: [
        '[R95] the key is repeated and finds the answer that began',
        async () => {
          await using nodes = await startNodes({ answer: words(40) })
          const [one, other] = nodes.nodes
          for (let lost = 0; lost < 3; lost++) await one.front.cutAfter({ bytes: 0 })
          const client = nodes.starter(0, carrier)
          const run = client.ask()
          for (let lost = 1; lost <= 3; lost++) {
            await until(() => client.drops.length >= lost, true)
            one.leadTo(lost % 2 === 1 ? other : one)
          }
          expect(await run).toMatchObject({ status: 'done', data: { text: words(40) } })
          expect(nodes.model.calls).toBe(1)
          return 'done, one call'
        },
      ],
    },
    240_000,
  )
}

fault(
  'six tenants with one key, at both processes, and the ids and positions of each other',
  {
    keepstream: [
      '[R95] each has an answer of their own; those of others do not exist, and not one byte of them is seen',
      async () => {
        const tenants = Array.from({ length: 6 }, (_, index) => `tenant-${index}`)
        const secretOf = (tenant: string) => `secret of ${tenant} `
        await using nodes = await startNodes({
          answer: (_, prompt) => secretOf(prompt).repeat(10),
          environment: [{ TENANTS: '1' }, { TENANTS: '1' }],
        })
        const heard = new Map(tenants.map((tenant) => [tenant, '']))
        const say = async (tenant: string, address: string, init: RequestInit = {}) => {
          const headers = { authorization: tenant, 'content-type': 'application/json', ...init.headers }
          const response = await fetch(address, { ...init, headers })
          const body = await response.text()
          const head = JSON.stringify([...response.headers].filter(([name]) => name !== 'date'))
          heard.set(tenant, `${heard.get(tenant)}${head}${body}`)
          return { status: response.status, location: response.headers.get('location') ?? '', body, head }
        }
        const ask = (tenant: string, node: number) =>
          say(tenant, nodes.nodes[node]!.url, {
            method: 'POST',
            headers: { 'idempotency-key': 'one-key' },
            body: JSON.stringify({ messages: [{ role: 'user', content: tenant }] }),
          })
        const answers = await Promise.all(tenants.map((tenant, index) => ask(tenant, index % 2)))
        for (const [index, tenant] of tenants.entries()) {
          expect(textOf(answers[index]!.body)).toBe(secretOf(tenant).repeat(10))
          // The same start at the other process is the same answer.
          const again = await ask(tenant, (index + 1) % 2)
          expect([again.status, again.location]).toEqual([200, answers[index]!.location])
        }
        const [, epoch] = /^id: ([\w-]+)-\d+$/m.exec(answers[0]!.body)!
        for (const { url } of nodes.nodes) {
          const absent = await say('tenant-1', new URL(`/api/chat/streams/${'x'.repeat(22)}`, url).href)
          expect(absent.status).toBe(404)
          for (const [index, tenant] of tenants.entries()) {
            const foreign = new URL(answers[(index + 1) % tenants.length]!.location, url).href
            const attempts: readonly (readonly [string, RequestInit])[] = [
              [foreign, {}],
              [foreign, { headers: { 'last-event-id': `${epoch}-1` } }],
              [`${foreign}/stop`, { method: 'POST' }],
            ]
            for (const [address, init] of attempts) {
              const { status, body } = await say(tenant, address, init)
              expect([status, body]).toEqual([404, absent.body])
            }
          }
        }
        for (const [tenant, bytes] of heard) {
          for (const other of tenants) expect(bytes.includes(secretOf(other))).toBe(other === tenant)
        }
        expect(nodes.model.calls).toBe(tenants.length)
        return 'six answers, 404 for the rest, no foreign byte'
      },
    ],
  },
  240_000,
)

const slow = { answer: words(400), tokensPerSecond: 100 }
/** One that only a stop ends within the time of a test. */
const endless = { answer: words(5_000), tokensPerSecond: 50 }

/** Three seconds, and what a busy machine adds to them, which shows in how long the processes take to answer at all. */
async function threeSeconds({ nodes }: Nodes): Promise<number> {
  const began = performance.now()
  for (let round = 0; round < 3; round++) await Promise.all(nodes.map((node) => node.report()))
  return 3_000 + 20 * (performance.now() - began)
}

for (const carrier of ['fetch', 'webSocket'] as const) {
  fault(
    `stop, twice, at a process that does not ask the model (${carrier})`,
    {
      keepstream: [
        '[R96] reaches the model within 3 s; every reader is told the same',
        async () => {
          await using nodes = await startNodes(endless)
          const { everybody } = await nodes.audience()
          const reader = await nodes.reader(1, carrier)
          await until(reader.text, (text) => text.length > 0)
          const bound = await threeSeconds(nodes)
          const began = performance.now()
          expect(await reader.stream.stop()).toEqual({ acknowledged: true })
          expect(await reader.stream.stop()).toEqual({ acknowledged: true })
          await nodes.model.waitForAbort()
          expect(performance.now() - began).toBeLessThan(bound)
          for (const client of everybody) expect((await settled(client)).status).toBe('stopped')
          return 'stopped, acknowledged, the model was told'
        },
      ],
    },
    240_000,
  )
}

fault(
  'stop before the model has said a word, at the other process',
  {
    keepstream: [
      '[R96] reaches the model; no reader hangs',
      async () => {
        await using nodes = await startNodes({ answer: words(40), tokensPerSecond: 0.01 })
        const client = nodes.starter()
        client.ask().catch(() => undefined)
        await nodes.model.waitForCall()
        const reader = await nodes.reader(1, 'fetch')
        await until(() => reader.stream.get().connection.state, 'open')
        expect(await reader.stream.stop()).toEqual({ acknowledged: true })
        await nodes.model.waitForAbort()
        expect((await settled(client)).status).toBe('stopped')
        return 'stopped, acknowledged, the model was told'
      },
    ],
  },
  240_000,
)

fault(
  'stop whose answer has a dead process',
  {
    keepstream: [
      '[R96] is acknowledged when the lease is over, and again, and every reader is told the same',
      async () => {
        await using nodes = await startNodes({ ...endless, log: { leaseTimeout: 2_000, renewInterval: 300 } })
        const { everybody } = await nodes.audience()
        const [owner, other] = nodes.nodes
        owner.leadTo(other)
        const reader = await nodes.reader(1, 'fetch')
        await until(reader.text, (text) => text.length > 0)
        await owner.kill()
        expect(await reader.stream.stop()).toEqual({ acknowledged: true })
        expect(await reader.stream.stop()).toEqual({ acknowledged: true })
        const outcomes = await Promise.all(everybody.map((client) => settled(client)))
        expect(new Set(outcomes.map(({ status }) => status)).size).toBe(1)
        expect(nodes.model.calls).toBe(1)
        return 'acknowledged, one outcome'
      },
    ],
  },
  240_000,
)

const hour = 3_600_000

const commandsOf = async ({ redis }: Nodes) =>
  Number(/total_commands_processed:(\d+)/.exec(String(await redis.command('INFO', 'stats')))![1])

fault(
  'the wall clock of one process jumps an hour ahead, that of the other an hour back, and again',
  {
    keepstream: [
      '[R94] no lease is lost or stolen, no timer storms, and what is over is kept for as long as it should be',
      async () => {
        await using nodes = await startNodes({ ...slow, hub: { retention: 60_000 } })
        const { whole } = await nodes.audience()
        const [one, other] = nodes.nodes
        const perSecond = async () => {
          const [before, began] = [await commandsOf(nodes), performance.now()]
          await pause(500)
          return ((await commandsOf(nodes)) - before) / ((performance.now() - began) / 1000)
        }
        const calm = await perSecond()
        for (const direction of [1, -2, 1]) {
          one.order({ type: 'jump', milliseconds: direction * hour })
          other.order({ type: 'jump', milliseconds: -direction * hour })
          // A timer that storms fires a thousand times a second, in each process.
          expect(await perSecond()).toBeLessThan(calm * 3 + 500)
        }
        await whole()
        for (const node of nodes.nodes) {
          const { events } = await node.report()
          expect(events.filter((type) => /fenced|taken-over|healed|released/.test(type))).toEqual([])
        }
        for (const key of (await nodes.redis.command('KEYS', '*{*}:*')) as string[]) {
          const left = Number(await nodes.redis.command('PTTL', key))
          expect(left, key).toBeGreaterThan(30_000)
          expect(left, key).toBeLessThanOrEqual(60_000)
        }
        return 'done for all six readers, one call'
      },
    ],
  },
  240_000,
)

fault(
  'the clocks of both processes run at different speeds, 10 % apart',
  {
    keepstream: [
      '[R94] no lease is lost or stolen',
      async () => {
        await using nodes = await startNodes({ ...slow, environment: [{ SPEED: '0.95' }, { SPEED: '1.05' }] })
        const { whole } = await nodes.audience()
        await whole()
        for (const node of nodes.nodes) {
          const { events } = await node.report()
          expect(events.filter((type) => /fenced|taken-over|healed|released/.test(type))).toEqual([])
        }
        return 'done for all six readers, one call'
      },
    ],
  },
  240_000,
)
