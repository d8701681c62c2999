// One server process with its log in memory. It says how it is, and has hooks that throw.
import { once } from 'node:events'
import { createServer } from 'node:http'
import { createHandler, createHub, memoryLog } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'

export interface LoneReport {
  readonly generations: number
  readonly readers: number
  /** How many connections began to read so far. */
  readonly attached: number
  /** In bytes, after a collection. */
  readonly heap: number
  readonly sockets: number
}

const { OPTIONS = '{}', LOG = '{}' } = process.env
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const secret = 'what nobody outside is to know'
const fail = (): never => {
  throw new Error(secret)
}
let attached = 0

const hub = createHub({
  log: memoryLog(JSON.parse(LOG)),
  retry: { min: 20, max: 40 },
  authorize: ({ request }) => (request.headers.get('x-fault') === 'authorize' ? fail() : { user: 'somebody' }),
  onEvent(event) {
    if (event.type === 'attached') attached++
    if (event.type === 'begun' && event.route === '/api/watched') fail()
  },
  logger: { debug: fail, info: fail, warn: fail, error: fail },
  ...JSON.parse(OPTIONS),
})

type Producer = Extract<Parameters<typeof createHandler>[1][string], (...given: never[]) => unknown>

/** So many pieces, of so many characters, one each so many milliseconds. */
const count: Producer = async ({ input, text, signal }) => {
  const { pieces, size, every } = input as { pieces: number; size: number; every: number }
  for (let number = 1; number <= pieces && !signal.aborted; number++) {
    await text(`${number} `.padEnd(size, '·'))
    await pause(every)
  }
}

let go: () => void = () => {}
let going = false
const gone = new Promise<void>((resolve) => {
  go = resolve
}).then(() => {
  going = true
})

/** One piece, of so many characters; it ends once the test says `go`. */
const held: Producer = async ({ input, text }) => {
  await text('1 '.padEnd((input as { size: number }).size, '·'))
  await gone
}

/** Pieces, one each so many milliseconds, until the test says `go`. */
const live: Producer = async ({ input, text, signal }) => {
  for (let number = 1; !going && !signal.aborted; number++) {
    await text(`${number} `)
    await pause((input as { every: number }).every)
  }
}

const handler = createHandler(hub, {
  '/api/count': count,
  '/api/held': held,
  '/api/live': live,
  '/api/watched': count,
  '/api/throws': fail,
  '/api/rejects': async ({ text }) => {
    await text('so far ')
    fail()
  },
})

const server = createServer(toNodeListener(handler)).listen(0, '127.0.0.1')
await once(server, 'listening')
process.on('message', (message) => {
  if (message === 'go') return go()
  globalThis.gc?.()
  const sockets = process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length
  const { heapUsed: heap } = process.memoryUsage()
  process.send?.({ ...hub.counts(), attached, heap, sockets } satisfies LoneReport)
})
process.send?.([(server.address() as { port: number }).port])
// It ends with the test, however that ends.
process.once('disconnect', () => process.exit())
