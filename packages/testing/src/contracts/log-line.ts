import { randomBytes } from 'node:crypto'
import type { Frame } from '@keepstream/core'
import { createParser } from '@keepstream/core/sse'
import { expect, onTestFinished } from 'vitest'
import type { ContractClaimed, ContractEnd, ContractEntry, ContractStream, LogHarness, OpenedLog } from './log-harness'

const slice = 65_536
const owner = { route: '/api/chat' }

/** A log until the end of the test, and what is asked of it again and again. */
export interface LogLine extends OpenedLog {
  readonly claim: (key?: string, fingerprint?: string, at?: number, existing?: boolean) => Promise<ContractClaimed>
  /** A new stream, which the first process produces. `summarize` as that of a holder. */
  readonly create: (summarize?: () => string | undefined) => Promise<ContractStream>
  /** The stream as each process sees it, once each does. */
  readonly everywhere: (stream: ContractStream) => Promise<readonly ContractStream[]>
  /** Resolves once the condition holds. Fails after the patience of the harness. */
  readonly eventually: (condition: () => boolean | Promise<boolean>, what: string) => Promise<void>
}

export const mintId = () => randomBytes(16).toString('base64url')

export const streamOf = (claimed: ContractClaimed): ContractStream =>
  'stream' in claimed ? claimed.stream : expect.fail(`The claim is ${claimed.outcome}.`)

export const text = (value: string): ContractEntry => ({ event: 'text', data: JSON.stringify(value) })
export const note = (value: unknown): ContractEntry => ({ event: 'note', data: JSON.stringify(value) })

export async function openLog(harness: LogHarness, small = false): Promise<LogLine> {
  const opened = await harness.open({ small })
  onTestFinished(() => opened.close())
  const { patience = 15_000 } = harness
  const { logs } = opened

  const claim = async (key?: string, fingerprint?: string, at = 0, existing = false) =>
    logs[at]!.claim({
      id: mintId(),
      owner,
      ...(key !== undefined && { key }),
      ...(fingerprint !== undefined && { fingerprint }),
      ...(existing && { existing }),
    })

  async function eventually(condition: () => boolean | Promise<boolean>, what: string): Promise<void> {
    const deadline = performance.now() + patience
    while (!(await condition())) {
      if (performance.now() > deadline) expect.fail(`waited in vain: ${what}`)
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }

  return {
    ...opened,
    claim,
    eventually,
    async create(summarize) {
      const stream = streamOf(await claim())
      produce(stream, summarize)
      return stream
    },
    async everywhere(stream) {
      const seen: ContractStream[] = []
      for (const log of logs) {
        let found: ContractStream | undefined
        await eventually(async () => {
          found = await log.find(stream.id)
          return found !== undefined && found.head >= stream.head
        }, 'for the stream in another process')
        seen.push(found!)
      }
      return seen
    },
  }
}

/** Takes the stream over as a hub does: whoever asks for its end gets it. */
export function produce(
  stream: ContractStream,
  summarize?: () => string | undefined,
): { readonly lost: () => boolean } {
  let lost = false
  stream.own({
    end: (end) => void Promise.resolve(stream.seal(end, 60_000)).catch(() => undefined),
    lose() {
      lost = true
    },
    ...(summarize && { summarize }),
  })
  return { lost: () => lost }
}

export const seal = async (stream: ContractStream, end: ContractEnd = { state: 'done' }, retention = 60_000) =>
  stream.seal(end, retention)

/** The events after `position`, up to the head. Slices hold what they say, are within their bound, and have no holes. */
export async function readFrom(
  stream: Pick<ContractStream, 'head' | 'epoch' | 'read'>,
  position: number,
  maxBytes = slice,
): Promise<Frame[]> {
  const frames: Frame[] = []
  for (let after = position; after < stream.head; ) {
    const { bytes, last } = await stream.read(after, maxBytes)
    expect(last).toBeGreaterThan(after)
    expect(bytes.length <= maxBytes || last === after + 1).toBe(true)
    const events = createParser({ maxEventSize: Number.MAX_SAFE_INTEGER }).feed(bytes)
    expect(numbersOf(events)).toEqual(Array.from({ length: last - after }, (_, index) => after + index + 1))
    expect(events.every(({ id }) => id!.startsWith(`${stream.epoch}-`))).toBe(true)
    frames.push(...events)
    after = last
  }
  return frames
}

/** The numbers of the entries that these events stand for. */
export const numbersOf = (frames: readonly Frame[]) =>
  frames.flatMap(({ id = '' }) => {
    const [first = Number.NaN, last = first] = id
      .slice(id.lastIndexOf('-') + 1)
      .split('..')
      .map(Number)
    return Array.from({ length: last - first + 1 }, (_, index) => first + index)
  })

export const textOf = (frames: readonly Frame[]) =>
  frames.flatMap(({ event, data }) => (event === 'text' ? [JSON.parse(data) as string] : [])).join('')

/** Appends pieces of a text until the stream holds its first entries no more, and returns what was said. */
export async function outgrow(stream: ContractStream, said: { text: string }, most = 2 ** 21): Promise<void> {
  for (let index = 0; stream.earliest === 1 && said.text.length < most; index++) {
    const piece = `${index} ${'x'.repeat(400)} `
    said.text += piece
    await stream.append([text(piece)])
    // Another process, or what runs beside this one, may have to learn of it.
    if (index % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 2))
  }
}
