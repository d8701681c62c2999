// Longer than most: half of it documents the public interface.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { listen } from '../listener'
import { check, checkCount, checkNames, checkNumber, checkPort, checkWord } from '../option'
import { type CannedAnswer, checkAnswer, sendCanned } from './canned-answer'
import { type CutHow, type CutPlan, createLink, type Link } from './link'
import { routeTo, type Target } from './target'
import { type Conditions, createWeather, type Direction } from './weather'

export interface FaultProxyOptions {
  /** Where to lead: an address such as `http://127.0.0.1:3000/v1` or `redis://127.0.0.1:6379`, or host and port. */
  readonly target: string | Target
  /** The port on 127.0.0.1. Default 0: any free one. */
  readonly port?: number
  /** Numbers from 0 up to 1, for the jitter. Default `Math.random`. */
  readonly random?: () => number
}

/**
 * A TCP proxy that breaks connections on command. What it does to all bytes (`blackhole`, `delay`, `throttle`, `trickle`)
 * applies at once, to open connections too, and combines. What it does to the *next* connection (`cutAfter`, `answer`)
 * needs a fresh one: these close idle keep-alive connections first, and resolve when the clients have seen it.
 */
export interface FaultProxy extends AsyncDisposable {
  /** The target's address, with the host and the port of the proxy. */
  readonly url: string
  readonly port: number
  /** How many connections are open. */
  readonly connections: number
  /** How many connections were accepted so far. */
  readonly accepted: number
  /** How many bytes have passed so far. */
  readonly bytes: { readonly down: number; readonly up: number }
  /** What is wrong at present. */
  readonly faults: ProxyFaults
  /**
   * Cuts every open connection now. Default `reset`. Bytes that are delayed or throttled at that moment are lost. `after`:
   * each connection that has a request under way, after exactly so many more bytes towards the client, and no other one.
   * `pause` (default 0): and so many milliseconds later, since a browser throws away what its page has not read by then.
   */
  readonly cut: (options?: { readonly how?: CutHow; readonly after?: number; readonly pause?: number }) => void
  /**
   * Cuts the next connection after exactly so many bytes (headers included; 0: when the first one arrives).
   * Default: bytes towards the client (`down`), `reset`. Called twice, it cuts the next two connections.
   */
  readonly cutAfter: (plan: Pick<CutPlan, 'bytes'> & Partial<CutPlan>) => Promise<void>
  /** Keeps the sockets and lets nothing pass, not even an end or a reset. What comes in waits, up to 256 KiB. Default `both`. */
  readonly blackhole: (options?: { readonly direction?: Direction }) => void
  /** Delivers every byte `ms` milliseconds later, give or take `jitter` (default 0), in order. 0 ends it. */
  readonly delay: (ms: number, options?: { readonly jitter?: number }) => void
  /** The most that passes in a second, for each connection and direction. `Infinity` ends it. */
  readonly throttle: (bytesPerSecond: number) => void
  /** Sends every byte by itself. `false` ends it. A reader that is busy may still read several at once. */
  readonly trickle: (on?: boolean) => void
  /**
   * Collects so many bytes (default 16,384) of an answer before it passes any, and the rest when the answer is over: what
   * proxies do that buffer. 0 ends it.
   */
  readonly buffer: (bytes?: number) => void
  /** Delivers every piece of a chunked body twice that came in whole chunks. `false` ends it. */
  readonly duplicate: (on?: boolean) => void
  /** Closes the listening socket: new connections get ECONNREFUSED. Open ones stay, but for idle keep-alive ones. */
  readonly refuse: () => Promise<void>
  /** Answers the request of the next connection itself (or of the next `times`), and closes it. */
  readonly answer: (answer: CannedAnswer) => Promise<void>
  /** Leads new connections elsewhere: the server has moved. Open ones stay where they are. */
  readonly retarget: (target: string | Target) => void
  /** Ends every fault, planned ones included, and listens on the same port again. What a black hole held passes now. */
  readonly restore: () => Promise<void>
  /** Destroys every connection. */
  readonly close: () => Promise<void>
}

export interface ProxyFaults extends Conditions {
  readonly refusing: boolean
  /** Cuts and answers that wait for a connection. */
  readonly planned: number
}

/**
 * Starts a fault proxy on 127.0.0.1.
 *
 * @throws StreamError `option` for an option that is wrong, `network` where the port is taken.
 */
export async function createFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  checkNames('', options, 'target port random')
  checkPort(options.port)
  const { random = Math.random } = options
  check(typeof random === 'function', 'random', random, 'Give a function that returns numbers from 0 up to 1.')
  const { target, addressAt } = routeTo(options.target)
  let destination = target
  const weather = createWeather()
  const links = new Map<Link, Socket>()
  const bytes = { down: 0, up: 0 }
  let accepted = 0
  let plans: (CutPlan | CannedAnswer)[] = []

  const listener = await listen(options.port ?? 0, (client) => {
    accepted += 1
    const plan = plans.shift()
    if (plan && 'status' in plan) return sendCanned(client, plan)
    const link: Link = createLink({
      client,
      target: destination,
      weather,
      plan,
      random,
      onPass: (direction, length) => {
        bytes[direction] += length
      },
      onClose: () => links.delete(link),
    })
    links.set(link, client)
  })

  /** Resolves when the clients have closed their side too: until then they could send the next request there. */
  async function closeIdle() {
    const idle = [...links].filter(([link]) => link.idle)
    for (const [link] of idle) link.cut('end')
    await Promise.all(idle.map(([, client]) => closed(client)))
  }
  const close = async () => {
    for (const link of [...links.keys()]) link.close()
    await listener.close()
  }
  return {
    url: addressAt(listener.port),
    port: listener.port,
    get connections() {
      return listener.sockets.size
    },
    get accepted() {
      return accepted
    },
    get bytes() {
      return { ...bytes }
    },
    get faults() {
      return { ...weather.now(), refusing: listener.refusing, planned: plans.length }
    },
    cut: (wanted = {}) => {
      checkNames('', wanted, 'how after pause')
      const { how = 'reset', after, pause = 0 } = wanted
      checkWord('how', how, cutHows)
      checkCount('after', after, 'Give a count of bytes from 1.', 1)
      checkNumber('pause', pause, 'Give milliseconds, 0 or more.')
      for (const link of [...links.keys()]) {
        if (after === undefined) link.cut(how)
        else if (!link.idle) link.cutAfter(after, how, pause)
      }
    },
    cutAfter: async (plan) => {
      checkNames('', plan, 'bytes how direction')
      const { bytes: count, direction = 'down', how = 'reset' } = plan
      checkCount('bytes', count ?? null, 'Give a count of bytes, 0 or more.')
      checkWord('direction', direction, ['down', 'up'])
      checkWord('how', how, cutHows)
      plans.push({ bytes: count, direction, how })
      await closeIdle()
    },
    blackhole: (wanted = {}) => {
      checkNames('', wanted, 'direction')
      weather.change({ blackhole: wanted.direction ?? 'both' })
    },
    delay: (ms, wanted = {}) => {
      checkNames('', wanted, 'jitter')
      weather.change({ delay: ms, jitter: wanted.jitter ?? 0 })
    },
    throttle: (bytesPerSecond) => weather.change({ bytesPerSecond }),
    trickle: (on = true) => weather.change({ trickle: on }),
    buffer: (bytes = usualBuffer) => weather.change({ buffer: bytes }),
    duplicate: (on = true) => weather.change({ duplicate: on }),
    refuse: async () => {
      listener.refuse()
      await closeIdle()
    },
    answer: async (answer) => {
      checkAnswer(answer)
      for (let time = 0; time < (answer.times ?? 1); time++) plans.push(answer)
      await closeIdle()
    },
    retarget: (wanted) => {
      destination = routeTo(wanted).target
    },
    restore: async () => {
      plans = []
      weather.clear()
      await listener.accept()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

// What `proxy_buffers` of nginx comes to at the least, in bytes.
const usualBuffer = 16_384

const cutHows = ['reset', 'end', 'close'] as const

/** A client that does not close its side is not waited for longer than a second. */
async function closed(client: Socket): Promise<void> {
  if (client.closed) return
  const timer = setTimeout(() => client.destroy(), 1000)
  await once(client, 'close').catch(() => {})
  clearTimeout(timer)
}
