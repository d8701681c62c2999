import type { Seeded } from './seeded'
import type { Allowance, World } from './world'

/** Something that goes wrong at some moment of an answer. It lasts no longer than its promise. */
export interface Fault {
  readonly name: string
  /** Whether it has to be there before the question is asked. Default: it strikes in the middle. */
  readonly early?: boolean
  readonly strike: (world: World, random: Seeded) => void | Promise<void>
}

export const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

export const fault = (name: string, strike: Fault['strike']): Fault => ({ name, strike })
const early = (given: Fault): Fault => ({ ...given, early: true })
const allows = (allowance: Allowance, { strike, ...given }: Fault): Fault => ({
  ...given,
  strike(world, random) {
    world.allowed.add(allowance)
    return strike(world, random)
  },
})

/** Between the clients and the server. */
export const networkFaults: readonly Fault[] = [
  fault('every connection is cut', ({ proxy }, { pick }) => proxy.cut({ how: pick(['reset', 'end', 'close']) })),
  fault('cut three times in a row', async ({ proxy }, { pick, between }) => {
    for (let time = 0; time < 3; time++) {
      proxy.cut({ how: pick(['reset', 'end', 'close']) })
      await pause(between(5, 60))
    }
  }),
  fault('the next connection is cut at a byte', ({ proxy }, { pick, between }) =>
    proxy.cutAfter({
      bytes: between(0, 3_000),
      // Not `close`: the last chunk in the middle of a head would complete a Location that nobody sent.
      how: pick(['reset', 'end']),
      direction: pick(['down', 'down', 'up']),
    }),
  ),
  fault('nothing passes for a while', async ({ proxy }, { pick, between }) => {
    proxy.blackhole({ direction: pick(['down', 'up', 'both']) })
    await pause(between(20, 400))
    await proxy.restore()
  }),
  fault('connections that nothing passes any more', async ({ proxy }, { between }) => {
    proxy.blackhole()
    await pause(between(20, 200))
    proxy.cut()
    await proxy.restore()
  }),
  fault('every byte is late', async ({ proxy }, { between }) => {
    proxy.delay(between(5, 80), { jitter: 5 })
    await pause(between(50, 300))
    await proxy.restore()
  }),
  fault('a slow line', async ({ proxy }, { between }) => {
    proxy.throttle(between(2_000, 20_000))
    await pause(between(50, 300))
    await proxy.restore()
  }),
  fault('every byte by itself', async ({ proxy }, { between }) => {
    proxy.trickle()
    await pause(between(20, 100))
    await proxy.restore()
  }),
  fault('connections are refused', async ({ proxy }, { between }) => {
    await proxy.refuse()
    await pause(between(20, 200))
    await proxy.restore()
  }),
  fault('refused and cut', async ({ proxy }, { between }) => {
    await proxy.refuse()
    proxy.cut()
    await pause(between(20, 200))
    await proxy.restore()
  }),
  fault('a proxy answers in place of the server', async ({ proxy }, { pick, between }) => {
    await proxy.answer({ status: pick([429, 502, 503, 504]), times: between(1, 3) })
    proxy.cut()
  }),
]

/** People and their pages. */
export const readerFaults: readonly Fault[] = [
  fault('somebody else opens the answer', (world) => void world.join()),
  fault('a reader leaves and another comes', (world) => {
    if (world.join()) world.leave(world.clients[0])
  }),
  fault('everybody leaves, and one comes back later', async (world, { between }) => {
    if (!world.join()) return
    for (const client of world.clients.slice(0, -1)) world.leave(client)
    await pause(between(1, 50))
  }),
  allows(
    'stopped',
    fault(
      'somebody stops it',
      ({ clients }) =>
        void clients
          .at(-1)
          ?.stream.stop()
          .catch(() => undefined),
    ),
  ),
]

/** The provider of the model. */
export const upstreamFaults: readonly Fault[] = [
  allows(
    'cut',
    fault('the model dies in the middle', ({ model }, { pick, between }) =>
      model.next({ type: 'cut', afterTokens: between(0, 40), how: pick(['reset', 'end', 'close']) }),
    ),
  ),
  allows(
    'cut',
    fault('the model falls silent', ({ model }, { between }) =>
      model.next({ type: 'stall', afterTokens: between(0, 40) }),
    ),
  ),
  fault('the model is busy once', ({ model, history, allowed }, { pick }) => {
    model.next({ type: 'status', status: pick([429, 503, 529]) })
    // The relay asks three times at most.
    if (history.filter((name) => name === 'the model is busy once').length > 2) allowed.add('cut')
  }),
].map(early)

/** The process that keeps the answer in its memory. */
export const processFaults: readonly Fault[] = [
  allows(
    'cut',
    allows(
      'asked-again',
      fault('the server is killed and comes back with nothing', async ({ nodes, proxy }, { between }) => {
        await nodes[0]!.crash()
        proxy.cut()
        await pause(between(0, 200))
        await nodes[0]!.restart()
      }),
    ),
  ),
  allows(
    'cut',
    allows(
      'asked-again',
      fault('the server is told to shut down', async ({ nodes }, { between, pick }) => {
        await nodes[0]!.drain(pick([0, 50, 2_000]))
        await pause(between(0, 100))
        await nodes[0]!.restart()
      }),
    ),
  ),
]
