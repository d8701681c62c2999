// Above 150 lines: everything that befalls a Redis and the ways to it, each with readers in both processes.
import { describe, expect } from 'vitest'
import { startRedis } from '../../packages/server/test/redis-server'
import { type Audience, type Nodes, type NodesOptions, pause, useNodes, words } from './nodes'
import { claims, type Treatment, writesEntries } from './redis-link'
import { chapter } from './table'
import { until } from './until'

const startNodes = useNodes()
const fault = chapter(
  import.meta.filename,
  'A Redis that fails, under two server processes',
  {
    keepstream: 'Keepstream: readers over `fetch` and WebSocket, at the process that asks the model and at another one',
  },
  describe.concurrent,
)

const long = { answer: words(300), tokensPerSecond: 150 }
const whole = 'done for all six readers, one call'

/** An answer with readers over both transports at both nodes. After `strike` everybody has it whole, once. */
function survives(
  name: string,
  title: string,
  strike: (nodes: Nodes, audience: Audience) => Promise<void>,
  options: NodesOptions = long,
): void {
  const run = async () => {
    await using nodes = await startNodes(options)
    const audience = await nodes.audience()
    await strike(nodes, audience)
    await audience.whole()
    expect((await nodes.nodes[0].report()).events).not.toContain('fenced')
    return whole
  }
  fault(name, { keepstream: [title, run] }, 240_000)
}

/** The only key of that kind: that of the stream under way. */
async function keyOf({ redis }: Pick<Nodes, 'redis'>, kind: 'log' | 'meta'): Promise<string> {
  const [key = '', ...others] = (await redis.command('KEYS', `*:${kind}`)) as string[]
  expect(others).toEqual([])
  return key
}

const healed = async ({ nodes: [owner] }: Nodes) => (await owner.report()).events.includes('healed')

survives(
  'Redis is killed, and comes back after 300 ms with nothing',
  '[R93] the process that asks the model writes the answer again; nobody is reset',
  async (nodes, { everybody, go }) => {
    await nodes.redis.kill()
    await pause(300)
    await nodes.redis.start()
    await go()
    expect(await healed(nodes)).toBe(true)
    // Nobody went back: a reset would have been another `pending`.
    for (const { history } of everybody) expect(history.filter((status) => status === 'pending')).toHaveLength(1)
  },
)

fault(
  'the same, after the end of the answer',
  {
    keepstream: [
      '[R93] every process gives it whole, or says that it is gone; nothing between',
      async () => {
        await using nodes = await startNodes({ answer: words(20), count: 3 })
        const { whole } = await nodes.audience()
        await whole()
        await nodes.redis.kill()
        await nodes.redis.start()
        const read = async (node: number) => {
          const location = new URL(nodes.location(), nodes.nodes[node]!.url)
          const response = await fetch(location, { headers: { accept: 'text/event-stream' } })
          const body = await response.text()
          if (response.status === 200) expect(body).toMatch(/event: end\n(?:id: .*\n)?data: \{"state":"done".*"n":43\}/)
          else expect([response.status, JSON.parse(body)]).toMatchObject([404, { error: { code: 'not_found' } }])
        }
        for (let round = 0; round < 5; round++) await Promise.all([read(0), read(1)])
        await read(2)
        return 'whole, or 404'
      },
    ],
  },
  240_000,
)

survives(
  'Redis is away for longer than a command may take',
  '[R94] readers at that process read on, the others wait, and then have everything',
  async ({ redis }, { local, remote, go }) => {
    await redis.kill()
    const before = remote.map((client) => client.text().length)
    await go(local, 800)
    // What was on its way when it died still arrives.
    for (const [index, client] of remote.entries()) expect(client.text().length).toBeLessThan(before[index]! + 400)
    await pause(1_000)
    await redis.start()
    await go(remote, 600)
  },
  { answer: words(450), tokensPerSecond: 150, log: { commandTimeout: 500 } },
)

fault(
  'Redis fails over to a replica that lacks the last entries',
  {
    keepstream: [
      '[R93] they are written again; readers that had them are not reset',
      async () => {
        await using replica = await startRedis()
        await using nodes = await startNodes(long)
        const { everybody, go, whole } = await nodes.audience()
        const key = await keyOf(nodes, 'log')
        await nodes.redis.command('CONFIG', 'SET', 'repl-diskless-sync-delay', 0)
        const length = async (server: typeof replica) => Number(await server.command('XLEN', key))
        await replica.command('REPLICAOF', '127.0.0.1', nodes.redis.port)
        while ((await length(replica)) === 0) await pause(20)
        await replica.command('REPLICAOF', 'NO', 'ONE')
        await go()
        expect(await length(nodes.redis)).toBeGreaterThan(await length(replica))
        for (const { link } of nodes.nodes) link.retarget(replica.port)
        await nodes.redis.kill()
        await go()
        await whole()
        expect(await healed(nodes)).toBe(true)
        for (const { history } of everybody) expect(history.filter((status) => status === 'pending')).toHaveLength(1)
        return 'done for all six readers, one call'
      },
    ],
  },
  240_000,
)

for (const [what, command] of [
  ['everything', async () => ['FLUSHALL']],
  ['the entries of the answer', async (nodes: Nodes) => ['DEL', await keyOf(nodes, 'log')]],
  ['all but the entries of the answer', async (nodes: Nodes) => ['DEL', await keyOf(nodes, 'meta')]],
] as const) {
  survives(`Redis forgets ${what}`, '[R93] it is written again in the same life', async (nodes, { go }) => {
    const [name, ...rest] = await command(nodes)
    await nodes.redis.command(name!, ...rest)
    await go()
    while (!(await healed(nodes))) await pause(20)
  })
}

survives(
  'Redis runs out of memory and evicts what it likes',
  '[R93] what was evicted is written again in the same life',
  async (nodes, { go }) => {
    const { redis } = nodes
    for (let filler = 0; filler < 4; filler++) await redis.command('SET', `filler:${filler}`, 'x'.repeat(200_000))
    const [, used] = /used_memory:(\d+)/.exec(String(await redis.command('INFO', 'memory')))!
    await redis.command('CONFIG', 'SET', 'maxmemory-policy', 'allkeys-random')
    await redis.command('CONFIG', 'SET', 'maxmemory', Number(used) + 200_000)
    for (let filler = 4; filler < 200 && !(await healed(nodes)); filler++) {
      await redis.command('SET', `filler:${filler}`, 'x'.repeat(200_000))
      await pause(20)
    }
    await redis.command('CONFIG', 'SET', 'maxmemory', 0)
    while (!(await healed(nodes))) await pause(20)
    await go()
  },
  { answer: words(600), tokensPerSecond: 150 },
)

survives(
  'Redis hangs up on whoever subscribes, five times',
  '[R92] what was not heard is looked up',
  async ({ redis }, { go }) => {
    for (let round = 0; round < 5; round++) {
      await redis.command('CLIENT', 'KILL', 'TYPE', 'pubsub')
      await go()
    }
  },
)

survives(
  'more is published than Redis keeps for a subscriber',
  '[R92] it hangs up on them; what was not heard is looked up',
  async ({ redis }, { go }) => {
    const subscribers = async () => (await redis.command('CLIENT', 'LIST', 'TYPE', 'pubsub')) as string
    const before = [...(await subscribers()).matchAll(/id=\d+ /g)].map(([id]) => id)
    expect(before.length).toBeGreaterThan(0)
    await redis.command('CONFIG', 'SET', 'client-output-buffer-limit', 'pubsub 100kb 100kb 1')
    for (const channel of (await redis.command('PUBSUB', 'CHANNELS')) as string[]) {
      await redis.command('PUBLISH', channel, 'x'.repeat(1_000_000))
    }
    for (let left = before; left.length > 0; ) {
      const now = await subscribers()
      left = left.filter((id) => now.includes(id))
      await pause(20)
    }
    await go()
  },
)

survives(
  'messages that are lost, doubled and out of order',
  '[R92] each entry comes once, in order',
  async ({ nodes: [, other] }, { remote, go }) => {
    let count = 0
    let late: Buffer | undefined
    other.link.deliver = (message, pass) => {
      count++
      if (count % 5 === 0) return
      if (count % 5 === 1) late = Buffer.from(message)
      else pass(message)
      if (count % 5 === 2) pass(message)
      if (count % 5 === 3 && late) pass(late)
    }
    await go(remote, 900)
    expect(count).toBeGreaterThan(1)
  },
)

survives(
  'no message comes at all',
  '[R92] where it stands is looked at, again and again',
  async ({ nodes: [, other] }, { remote, go }) => {
    let lost = 0
    other.link.deliver = () => void lost++
    await go(remote, 600)
    expect(lost).toBeGreaterThan(0)
  },
)

survives(
  'Redis is busy with a script of somebody else for 1.5 s',
  '[R91] what it refused is sent again',
  async ({ redis }, { go }) => {
    await redis.command('CONFIG', 'SET', 'busy-reply-threshold', 50)
    const busy = `local function ms() local t = redis.call('TIME') return t[1] * 1000 + t[2] / 1000 end
      local began = ms() repeat until ms() - began > 1500`
    await redis.command('EVAL', busy, 0)
    await go()
  },
  { ...long, answer: words(400) },
)

survives(
  'Redis becomes a replica, and a master again',
  '[R91] what it refused is sent again',
  async ({ redis }, { local, remote, go }) => {
    // Of a master that is not there.
    await redis.command('REPLICAOF', '127.0.0.1', 1)
    await go(local)
    await redis.command('REPLICAOF', 'NO', 'ONE')
    await go(remote)
  },
)

survives('Redis forgets its scripts, again and again', '[R91] they are sent again', async ({ redis }, { go }) => {
  for (let round = 0; round < 5; round++) {
    await redis.command('SCRIPT', 'FLUSH')
    await go()
  }
})

const refusals: readonly Treatment[] = [
  '-LOADING Redis is loading the dataset in memory',
  '-MOVED 3999 127.0.0.1:6381',
  "-READONLY You can't write against a read only replica.",
  '-CLUSTERDOWN The cluster is down',
  '-TRYAGAIN Multiple keys request during rehashing of slot',
  '-NOSCRIPT No matching script. Please use EVAL.',
]

survives(
  'Redis refuses each command once, with one error after the other',
  '[R91] each is sent again, and no entry is written twice',
  async ({ nodes }, { go }) => {
    let count = 0
    for (const { link } of nodes) {
      link.treat = () => (count++ % 2 === 0 ? refusals[(count >> 1) % refusals.length]! : 'pass')
    }
    await until(() => count >= 2 * refusals.length, true)
    await go()
    for (const { link } of nodes) link.treat = () => 'pass'
  },
)

survives(
  'replies are lost after the command was done',
  '[R91] it is sent again, and no entry is written twice',
  async ({ nodes: [owner] }, { go }) => {
    let lost = 0
    let count = 0
    owner.link.treat = (command) => {
      if (!writesEntries(command) || count++ % 2 !== 0 || lost === 4) return 'pass'
      lost++
      return 'lose'
    }
    await until(() => lost, 4)
    await go()
  },
  { answer: words(400), tokensPerSecond: 150 },
)

survives(
  'every connection between the processes and Redis breaks every 100 ms',
  '[R91 R92] nothing is lost and nothing comes twice',
  async ({ nodes }, { go }) => {
    for (let round = 0; round < 20; round++) {
      for (const { link } of nodes) link.reset()
      await pause(100)
    }
    await go()
  },
  { answer: words(450), tokensPerSecond: 150 },
)

fault(
  'the reply to a claim is lost, and Redis then away until its client was told 503',
  {
    keepstream: [
      '[R94 R95] the start is repeated with its key and begins one answer',
      async () => {
        await using nodes = await startNodes({ log: { commandTimeout: 400 } })
        const [node] = nodes.nodes
        let lost = 0
        node.link.treat = (command) => {
          if (!claims(command) || lost > 0) return 'pass'
          lost++
          // Once its reply is on its way back.
          node.link.refuse()
          return 'lose'
        }
        const client = nodes.starter()
        const run = client.ask()
        await until(
          () => client.drops,
          (drops) => drops.length > 0,
        )
        expect([lost, client.drops[0]]).toEqual([1, 'http'])
        node.link.mend()
        expect(await run).toMatchObject({ status: 'done', data: { text: words(100) } })
        expect(nodes.model.calls).toBe(1)
        return 'done, one call'
      },
    ],
  },
  240_000,
)
