import { randomBytes } from 'node:crypto'
import type { Connection, Frame, OpenRequest, StreamError, Transport } from '@keepstream/core'
import { expect, onTestFinished } from 'vitest'
import { createFaultProxy, type FaultProxy } from '../proxy/fault-proxy'
import type {
  ContractProducer,
  ServedAnswers,
  ServeOptions,
  TransportHarness,
  TransportOptions,
} from './transport-harness'

/** A transport, a fault proxy and a server, until the end of the test. */
export interface TransportLine {
  readonly transport: Transport
  readonly proxy: FaultProxy
  readonly served: ServedAnswers
  /** The operations that have reached the server, oldest first. */
  readonly asked: readonly string[]
  /** Opens a connection. Whatever the request does not say is a first attempt to start `{ prompt: 'Hello' }`. */
  readonly open: (request?: Partial<OpenRequest>) => Promise<Connection>
}

export const mint = () => ({ input: { prompt: 'Hello' }, key: randomBytes(16).toString('base64url') })

/** Appends these events, one after the other. Not as text, which a server may join (PROTOCOL.md, R4). */
export const says =
  (...data: readonly unknown[]): ContractProducer =>
  async ({ append }) => {
    for (const value of data) await append('word', value)
  }

export async function openLine(
  harness: TransportHarness,
  produce: ContractProducer,
  options: TransportOptions & Partial<ServeOptions> = {},
): Promise<TransportLine> {
  const { refuse = () => undefined, ...transportOptions } = options
  const asked: string[] = []
  const served = await harness.serve({
    produce,
    refuse(verb) {
      asked.push(verb)
      return refuse(verb)
    },
  })
  const proxy = await createFaultProxy({ target: served.url })
  const transport = harness.connect(proxy.url, transportOptions)
  const leaving = new AbortController()
  onTestFinished(async () => {
    leaving.abort()
    await proxy.close()
    await served.close()
  })
  const first = { attempt: 1, cursor: undefined, location: undefined, signal: leaving.signal }
  return { transport, proxy, served, asked, open: (request) => transport({ ...first, start: mint(), ...request }) }
}

export interface Read {
  readonly frames: readonly Frame[]
  /** How it ended, where not well. */
  readonly error: unknown
}

/** Everything that comes, until the iteration ends or `enough` says so. */
export async function readAll(connection: Connection, enough = (_: readonly Frame[]) => false): Promise<Read> {
  const frames: Frame[] = []
  try {
    for await (const batch of connection) {
      expect(batch).toBeInstanceOf(Array)
      frames.push(...batch)
      if (enough(frames)) break
    }
    return { frames, error: undefined }
  } catch (error) {
    return { frames, error }
  }
}

/** What is no greeting, and no frame that only carries an id or an interval. */
export const entriesOf = (frames: readonly Frame[]) => frames.filter(({ event }) => !/^(hello|)$/.test(event))

/** The data of all entries, in order; the last one is that of the end. */
export const dataOf = (frames: readonly Frame[]) => entriesOf(frames).map(({ data }) => JSON.parse(data) as unknown)

export const positionsOf = (frames: readonly Frame[]) =>
  entriesOf(frames).map(({ id = '' }) => Number(id.slice(id.lastIndexOf('-') + 1)))

/** Where to go on after these. */
export const cursorOf = (frames: readonly Frame[]) => frames.findLast(({ id }) => id !== undefined)?.id

export const failureOf = (promise: Promise<unknown>): Promise<StreamError> =>
  promise.then(
    () => expect.fail('It did not fail.'),
    (error: StreamError) => error,
  )

/** Resolves once `read` gives `wanted`, within 15 s: a loaded machine is slow. */
export async function becomes(read: () => number, wanted: number): Promise<void> {
  const deadline = performance.now() + 15_000
  while (read() !== wanted) {
    if (performance.now() > deadline) expect.fail(`waited in vain for ${wanted}, and had ${read()}`)
    await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
