import { randomBytes } from 'node:crypto'
import { type Answer, type Ask, ask, open, type Reading, readLine } from './http'
import { demand, type Fields, mismatch } from './mismatch'
import type { Settings } from './options'
import { type ConformanceInput, longScript, type Step, shortScript } from './script'
import type { WireEvent } from './wire-event'

/** An answer that was started: its address, and the connection that started it. */
export interface Started {
  readonly location: string
  readonly reading: Reading
}

/** The server under test, as the checks speak to it. */
export interface Subject {
  readonly settings: Settings
  /** Whether the route runs the scripts of the suite. */
  readonly scripted: boolean
  readonly short: unknown
  readonly long: unknown
  readonly script: (...steps: readonly Step[]) => ConformanceInput
  readonly ask: (path: string, asked?: Ask, node?: number) => Promise<Answer>
  readonly open: (path: string, asked?: Ask, node?: number) => Promise<Reading>
  /** The first line of the answer that fits, without waiting for the rest. */
  readonly line: (path: string, asked: Ask, fits: (line: string) => boolean) => Promise<string | undefined>
  /** Starts an answer and demands 201. It is stopped when the check is over, if it is not over by then. */
  readonly start: (input: unknown, headers?: Readonly<Record<string, string>>) => Promise<Started>
  readonly read: (location: string, after?: string, node?: number) => Promise<Reading>
  readonly page: (location: string, after?: string) => Promise<Answer>
  readonly stop: (location: string, node?: number) => Promise<Answer>
  /** Stops what is still under way. */
  readonly clear: () => Promise<void>
}

export const mintKey = () => randomBytes(16).toString('base64url')
export const json = 'application/json'
export const eventStream = 'text/event-stream'

/** The headers of a start. */
export const startHeaders = (key?: string) => ({
  'content-type': json,
  accept: eventStream,
  ...(key !== undefined && { 'idempotency-key': key }),
})

export function createSubject(settings: Settings, scripted: boolean): Subject {
  const { origins, route, headers, patience, inputs } = settings
  const begun: { readonly location: string; readonly reading: Reading }[] = []
  const at = (path: string, node = 0) => new URL(path, origins[node])
  const withHeaders = (asked: Ask = {}): Ask => ({ ...asked, headers: { ...headers, ...asked.headers } })

  const subject: Subject = {
    settings,
    scripted,
    short: inputs?.short ?? shortScript,
    long: inputs?.long ?? longScript,
    script: (...steps) => ({ conformance: steps }),
    ask: (path, asked, node) => ask(at(path, node), withHeaders(asked), patience),
    open: (path, asked, node) => open(at(path, node), withHeaders(asked), patience),
    line: (path, asked, fits) => readLine(at(path), withHeaders(asked), patience, fits),
    async start(input, extra) {
      const asked = { method: 'POST', headers: { ...startHeaders(mintKey()), ...extra }, body: JSON.stringify(input) }
      const reading = await subject.open(route, asked)
      demand(reading.status === 201, 'a start to be answered with 201', reading.status)
      const { location } = reading.headers
      if (location === undefined) throw mismatch('a start to be answered with Location', reading.headers)
      begun.push({ location, reading })
      return { location, reading }
    },
    read: (location, after, node) =>
      subject.open(
        location,
        { headers: { accept: eventStream, ...(after !== undefined && { 'last-event-id': after }) } },
        node,
      ),
    page: (location, after) =>
      subject.ask(location, { headers: { accept: json, ...(after !== undefined && { 'last-event-id': after }) } }),
    stop: (location, node) => subject.ask(`${location}/stop`, { method: 'POST' }, node),
    async clear() {
      for (const { location, reading } of begun.splice(0)) {
        reading.leave()
        await subject.stop(location).catch(() => undefined)
      }
    },
  }
  return subject
}

/** The data of an event as JSON. */
export function dataOf(block: WireEvent | undefined): Fields {
  try {
    return JSON.parse(block?.data ?? '') as Fields
  } catch {
    throw mismatch('an event with data that is JSON', block)
  }
}

const control = ['hello', 'reset', 'snapshot', 'bye']

/** The entries among the events: not what a connection says about itself. */
export const entriesOf = (blocks: readonly WireEvent[]) =>
  blocks.filter(({ event }) => event !== undefined && !control.includes(event))

export interface WirePosition {
  readonly epoch: string
  readonly first: number
  readonly last: number
}

/** The parts of the id of an event. Ends the check where it is none. */
export function positionOf(id: string | undefined): WirePosition {
  const [, epoch, first, last = first] = /^([A-Za-z0-9]+)-(\d+)(?:\.\.(\d+))?$/.exec(id ?? '') ?? []
  if (epoch === undefined) throw mismatch('an id of the form <epoch>-<seq>', id)
  return { epoch, first: Number(first), last: Number(last) }
}

/** Reads up to and including the first event that fits, and returns all of them. */
export async function readUntil(
  reading: Reading,
  what: string,
  fits: (block: WireEvent) => boolean,
): Promise<readonly [WireEvent, ...WireEvent[]]> {
  const blocks: WireEvent[] = []
  for (;;) {
    const block = await reading.next()
    if (!block) throw mismatch(what, blocks.length > 0 ? blocks : 'the end of the response')
    blocks.push(block)
    if (fits(block)) return blocks as [WireEvent, ...WireEvent[]]
  }
}

/** Reads until the answer is under way: the first entries of a long one. */
export const readSome = (reading: Reading) =>
  readUntil(reading, 'the first entries of an answer', (block) => entriesOf([block]).length > 0)

/** An answer that is over: its entries, its terminal entry last. */
export async function finish(subject: Subject, input: unknown = subject.short) {
  const { location, reading } = await subject.start(input)
  const blocks = await reading.rest()
  const entries = entriesOf(blocks)
  const end = entries.at(-1)
  demand(end?.event === 'end', 'an event stream that ends with `end`', blocks.at(-1))
  return { location, blocks, entries, end, ...positionOf(end.id) }
}
