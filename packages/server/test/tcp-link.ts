import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** A wire between a client and a server that a test can cut. */
export interface TcpLink extends AsyncDisposable {
  readonly port: number
  /** Breaks all connections; new ones are refused until `mend`. */
  readonly cut: () => void
  /** Breaks all connections; new ones are taken. */
  readonly reset: () => void
  /** Nothing passes any more, and nobody is told. */
  readonly silence: () => void
  /** From now on nothing comes back from the server, for as long as the connections last. */
  readonly swallowReplies: () => void
  readonly mend: () => void
  /** Breaks all connections; new ones lead to another server. */
  readonly retarget: (port: number) => void
}

export async function openLink(port: number): Promise<TcpLink> {
  let target = port
  const pairs = new Set<readonly [client: Socket, server: Socket]>()
  const muted = new Set<Socket>()
  let refusing = false
  const listener = createServer((client) => {
    if (refusing) return void client.destroy()
    const server = connect(target, '127.0.0.1')
    const pair = [client, server] as const
    pairs.add(pair)
    for (const [from, to] of [pair, [server, client] as const]) {
      from.on('data', (chunk) => muted.has(from) || to.write(chunk))
      from.on('error', () => undefined)
      from.on('close', () => {
        pairs.delete(pair)
        to.destroy()
      })
    }
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const reset = () => {
    for (const [client] of pairs) client.resetAndDestroy()
  }
  return {
    port: (listener.address() as AddressInfo).port,
    cut() {
      refusing = true
      reset()
    },
    reset,
    silence() {
      for (const pair of pairs) for (const socket of pair) muted.add(socket)
    },
    swallowReplies() {
      for (const [, server] of pairs) muted.add(server)
    },
    mend() {
      refusing = false
      muted.clear()
    },
    retarget(port) {
      target = port
      reset()
    },
    async [Symbol.asyncDispose]() {
      reset()
      listener.close()
      await once(listener, 'close')
    },
  }
}
