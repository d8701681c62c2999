// A little above 150 lines: both directions of a wire that knows the messages of Redis (RESP), and what can befall them.
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/**
 * What becomes of a command. `lose`: it is done, and the connection breaks before its reply comes back. An error: Redis
 * never sees it, and seems to answer so.
 */
export type Treatment = 'pass' | 'lose' | `-${string}`

/** A wire between one process and its Redis. */
export interface RedisLink extends AsyncDisposable {
  readonly url: string
  /** Asked about each command, but for those of a connection that subscribes. */
  treat: (command: readonly string[]) => Treatment
  /** Given each published message, as it is on the wire, and whatever passes it on. */
  deliver: (message: Buffer, pass: (message: Buffer) => void) => void
  /** Breaks all connections; new ones are taken. */
  readonly reset: () => void
  /** Breaks all connections; new ones lead to another server. */
  readonly retarget: (port: number) => void
  /** New connections are broken, until `mend`. */
  readonly refuse: () => void
  /** The same, and those that there are too. */
  readonly cut: () => void
  readonly mend: () => void
}

export async function openRedisLink(port: number): Promise<RedisLink> {
  const clients = new Set<Socket>()
  let target = port
  let refusing = false

  const listener = createServer((client) => {
    if (refusing) return void client.destroy()
    const server = connect(target, '127.0.0.1')
    clients.add(client)
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      socket.setNoDelay(true).on('error', () => other.destroy())
      socket.on('close', () => {
        clients.delete(client)
        other.destroy()
      })
    }
    carry(client, server)
  })

  function carry(client: Socket, server: Socket): void {
    /** What was asked and not answered yet, in order. */
    const asked: Treatment[] = []
    let subscribed = false
    /** What Redis never saw is answered when its turn has come. */
    const answerRefused = () => {
      while (asked[0]?.startsWith('-')) client.write(`${asked.shift()}\r\n`)
    }
    client.on(
      'data',
      splitter((value) => {
        const command = wordsOf(value)
        subscribed ||= command[0]?.toUpperCase() === 'SUBSCRIBE'
        const treatment = subscribed ? 'pass' : link.treat(command)
        asked.push(treatment)
        if (treatment.startsWith('-')) answerRefused()
        else server.write(value)
      }),
    )
    server.on(
      'data',
      splitter((value) => {
        if (subscribed) {
          if (wordsOf(value)[0] !== 'message') client.write(value)
          else link.deliver(value, (message) => void client.write(message))
          return
        }
        if (asked.shift() === 'lose') {
          hangUp(client)
          return
        }
        client.write(value)
        answerRefused()
      }),
    )
  }

  const reset = () => {
    for (const client of [...clients]) hangUp(client)
  }
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const link: RedisLink = {
    url: `redis://127.0.0.1:${(listener.address() as { port: number }).port}`,
    treat: () => 'pass',
    deliver: (message, pass) => pass(message),
    reset,
    retarget(other) {
      target = other
      reset()
    },
    refuse() {
      refusing = true
    },
    cut() {
      refusing = true
      reset()
    },
    mend() {
      refusing = false
    },
    async [Symbol.asyncDispose]() {
      refusing = true
      reset()
      listener.close()
      await once(listener, 'close')
    },
  }
  return link
}

/** By a reset, but where the other side has hung up before: then Node would keep the handle for good. */
function hangUp(socket: Socket): void {
  if (socket.readableEnded || socket.writableEnded || socket.destroyed) socket.destroy()
  else socket.resetAndDestroy()
}

/** Cuts what arrives into the values of RESP, whole ones only. */
function splitter(take: (value: Buffer) => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length > 0 ? Buffer.concat([rest, chunk]) : chunk
    for (let end = endOf(rest, 0); end > 0; end = endOf(rest, 0)) {
      take(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
  }
}

/** Where the value ends that begins at `at`; -1 where the rest of it is still to come. */
function endOf(bytes: Buffer, at: number): number {
  const line = bytes.indexOf('\r\n', at)
  if (line < 0) return -1
  const kind = String.fromCharCode(bytes[at]!)
  const count = Number(bytes.toString('latin1', at + 1, line))
  if (/[$=!]/.test(kind)) return count < 0 ? line + 2 : line + 4 + count <= bytes.length ? line + 4 + count : -1
  let end = line + 2
  const parts = /[*~>]/.test(kind) ? count : kind === '%' ? count * 2 : 0
  for (let left = parts; left > 0 && end > 0; left--) end = endOf(bytes, end)
  return end
}

/** The strings of an array of strings, which is what commands and published messages are. */
function wordsOf(value: Buffer): readonly string[] {
  const words: string[] = []
  for (let at = value.indexOf('\r\n') + 2; at > 1 && at < value.length; ) {
    if (value[at] !== 0x24) return words
    const line = value.indexOf('\r\n', at)
    const length = Number(value.toString('latin1', at + 1, line))
    words.push(value.toString('utf8', line + 2, line + 2 + length))
    at = line + 4 + length
  }
  return words
}

/** Whether it is one of the scripts that write to the entries of a stream. */
export const writesEntries = ([name, , , first]: readonly string[]) =>
  (name === 'EVALSHA' || name === 'EVAL') && first?.endsWith(':log') === true

/** Whether it is the script that claims a stream with a key. */
export const claims = ([name, , count, first]: readonly string[]) =>
  (name === 'EVALSHA' || name === 'EVAL') && count === '5' && first?.endsWith(':meta') === true

/** Whether it is the one that writes the end of an answer that is whole. */
export const seals = (command: readonly string[]) =>
  writesEntries(command) && command.some((word) => /^\{.*"state":"done"/.test(word))
