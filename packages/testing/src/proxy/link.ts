import { connect, type Socket } from 'node:net'
import { reset } from '../reset'
import { createExchange } from './exchange'
import { createPipe } from './pipe'
import type { Target } from './target'
import type { Weather } from './weather'

/**
 * How a connection ends. `reset`: a TCP reset. `end`: it is closed properly (FIN), whatever it was carrying. `close`: as
 * `end`, after the last chunk of a chunked body, so that an answer whose chunks are whole so far ends as if it were complete.
 */
export type CutHow = 'reset' | 'end' | 'close'

export interface CutPlan {
  readonly bytes: number
  readonly direction: 'down' | 'up'
  readonly how: CutHow
}

/** A client's connection and the proxy's own to the target. */
export interface Link {
  /** Whether no HTTP request is under way on it, as far as its bytes tell. */
  readonly idle: boolean
  readonly cut: (how: CutHow) => void
  /** Cuts it after so many more bytes towards the client, and so many milliseconds in which nothing more passes. */
  readonly cutAfter: (bytes: number, how: CutHow, pause: number) => void
  readonly close: () => void
}

export interface LinkOptions {
  readonly client: Socket
  readonly target: Target
  readonly weather: Weather
  readonly plan: CutPlan | undefined
  readonly random: () => number
  readonly onPass: (direction: 'down' | 'up', length: number) => void
  /** Called once, when nothing passes any more. */
  readonly onClose: () => void
}

export function createLink({ client, target, weather, plan, random, onPass, onClose }: LinkOptions): Link {
  const upstream = connect({ ...target, noDelay: true, allowHalfOpen: true })
  const exchange = createExchange()
  // The same as it arrives, which may be long before it is passed on.
  const arrival = createExchange()
  client.on('data', () => {
    exchange.up()
    arrival.up()
  })
  upstream.on('data', arrival.down)
  // The pipes see each failure as a reset.
  client.on('error', () => {})
  upstream.on('error', () => {})
  let how = plan?.how ?? 'reset'
  let pause = 0
  const onLimit = () => {
    if (pause === 0) cut(how)
    else setTimeout(() => cut(how), pause).unref()
  }
  const common = { weather, random, onLimit, isWhole: () => arrival.idle }
  const limit = (direction: 'down' | 'up') => (plan?.direction === direction ? plan.bytes : Number.POSITIVE_INFINITY)
  const up = createPipe({
    ...common,
    source: client,
    target: upstream,
    direction: 'up',
    limit: limit('up'),
    onPass: (bytes) => onPass('up', bytes.length),
  })
  const down = createPipe({
    ...common,
    source: upstream,
    target: client,
    direction: 'down',
    limit: limit('down'),
    onPass: (bytes) => {
      exchange.down(bytes)
      onPass('down', bytes.length)
    },
  })
  const pipes = [up, down]
  let over = false
  let open = 2
  for (const socket of [client, upstream]) {
    socket.once('close', () => {
      open -= 1
      if (open === 0) finish()
    })
  }

  function finish() {
    if (over) return
    over = true
    onClose()
  }

  function cut(how: CutHow) {
    if (over) return
    finish()
    for (const pipe of pipes) pipe.close()
    if (how === 'reset') {
      void reset(client)
      void reset(upstream)
      return
    }
    // Not destroyed: to close a socket that holds unread bytes sends a reset. It goes when the client has closed too.
    client.end(how === 'close' ? '0\r\n\r\n' : '')
    upstream.destroy()
  }

  function close() {
    finish()
    for (const pipe of pipes) pipe.close()
    client.destroy()
    upstream.destroy()
  }

  return {
    get idle() {
      return exchange.idle
    },
    cut,
    cutAfter(bytes, wanted, silence) {
      how = wanted
      pause = silence
      down.limitTo(bytes)
    },
    close,
  }
}
