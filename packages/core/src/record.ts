// Above 150 lines: what is written and how it is read again must agree, so they stand together.
import { StreamError, type StreamErrorCode } from './errors'
import type { Frame } from './frame'
import { check, settings } from './option'
import type { Connection, OpenRequest, Transport, Wrapper } from './transports/transport'
import { unlessAborted, wait } from './wait'

/** One line of a recording. `at` counts milliseconds from the first one, `connection` numbers what is opened, from 1. */
export type RecordedLine = { readonly at: number; readonly connection: number } & (
  | { readonly type: 'open'; readonly attempt: number; readonly cursor?: string; readonly input?: unknown }
  | { readonly type: 'opened'; readonly location?: string; readonly exhausted?: boolean; readonly carrier?: string }
  | { readonly type: 'read'; readonly frames: readonly Frame[] }
  | { readonly type: 'closed' }
  /** The stream was stopped, detached, or began anew. */
  | { readonly type: 'left' }
  /** Also where one of our own clocks ran out. */
  | {
      readonly type: 'failed'
      readonly code: StreamErrorCode
      readonly message: string
      readonly retryable: boolean
      readonly status?: number
      readonly retryAfter?: number
      readonly reason?: string
    }
  /** The recording reached its bound; what came later is missing. */
  | { readonly type: 'full' }
)

export interface RecorderOptions {
  /** The most characters to keep; above it the recording ends, and says so. Default 5,000,000. */
  readonly maxLength?: number
  /** Whether to keep what was asked, which may be private. Default false. */
  readonly inputs?: boolean
}

export interface Recorder {
  /** For the option `via`. */
  readonly wrapper: Wrapper
  /** What was recorded so far, one line of JSON each: attach it to a bug report, or `replay` it. */
  readonly text: () => string
}

/**
 * Records what streams read from their connections, with the times. Headers and bodies of requests are never seen here;
 * what addresses carry besides their path is left out. The answer itself is in the recording.
 */
export function createRecorder(options: RecorderOptions = {}): Recorder {
  const { maxLength, inputs } = settings('', { maxLength: 5_000_000, inputs: false }, options)
  check(typeof inputs === 'boolean', 'inputs', inputs, 'true or false')
  const lines: string[] = []
  let length = 0
  let full = false
  let began: number | undefined
  let connections = 0

  function write(connection: number, line: Record<string, unknown>): void {
    if (full) return
    began ??= performance.now()
    const at = Math.round(performance.now() - began)
    let text = JSON.stringify({ at, connection, ...line })
    full = length + text.length > maxLength
    if (full) text = JSON.stringify({ at, connection, type: 'full' })
    lines.push(text)
    length += text.length + 1
  }

  function fail(number: number, cause: unknown, signal: AbortSignal): void {
    // A clock that ran out aborts with its error; a person who leaves, with none of ours.
    const error = signal.aborted ? signal.reason : StreamError.from(cause, 'network')
    if (!(error instanceof StreamError)) {
      write(number, { type: 'left' })
      return
    }
    const { code, message, retryable, status, retryAfter, reason } = error
    write(number, { type: 'failed', code, message: withoutSecrets(message), retryable, status, retryAfter, reason })
  }

  async function* listen(number: number, connection: Connection, signal: AbortSignal) {
    let over = false
    try {
      for await (const frames of connection) {
        write(number, { type: 'read', frames })
        yield frames
      }
      over = true
      if (signal.aborted) fail(number, undefined, signal)
      else write(number, { type: 'closed' })
    } catch (error) {
      over = true
      fail(number, error, signal)
      throw error
    } finally {
      if (!over) fail(number, undefined, AbortSignal.abort(signal.reason ?? 'left'))
    }
  }

  const wrapper: Wrapper = (transport) => {
    const open = async (request: OpenRequest): Promise<Connection> => {
      const { attempt, cursor, start, signal } = request
      const number = ++connections
      write(number, { type: 'open', attempt, cursor, ...(inputs && { input: start?.input }) })
      try {
        const connection = await transport(request)
        const { location, exhausted, carrier } = connection
        write(number, { type: 'opened', location: location && withoutSecrets(location), exhausted, carrier })
        return { ...connection, [Symbol.asyncIterator]: () => listen(number, connection, signal) }
      } catch (error) {
        fail(number, error, signal)
        throw error
      }
    }
    return transport.stop ? Object.assign(open, { stop: transport.stop }) : open
  }

  return { wrapper, text: () => lines.map((line) => `${line}\n`).join('') }
}

/** Tokens stand in the queries, fragments and names of addresses, and errors quote addresses. */
const withoutSecrets = (text: string) => text.replaceAll(/[?#][^\s"'<>]+/g, '').replaceAll(/\/\/[^\s/@]+@/g, '//')

export interface ReplayOptions {
  /** 1 keeps the times of the recording, 10 is ten times as fast, `Infinity` waits for nothing. Default `Infinity`. */
  readonly speed?: number
}

/**
 * A transport that plays a recording, one recorded connection for each that is opened, in their order, whatever is asked.
 * One more than were recorded fails for good; one that was left, or that the bound cut off, stays open.
 */
export function replay(recording: string, options: ReplayOptions = {}): Transport {
  const { speed } = settings('', { speed: Number.POSITIVE_INFINITY }, options)
  check(typeof recording === 'string', 'recording', recording, 'the text of a recorder')
  check(speed > 0, 'speed', speed, 'a number above 0')
  const connections = readConnections(recording)
  let next = 0

  return async ({ signal }) => {
    signal.throwIfAborted()
    const lines = connections[next++]
    if (!lines) {
      const sentence = `The recording holds ${connections.length} connections, and this would be one more.`
      throw new StreamError('unsupported', sentence)
    }
    const began = performance.now()
    const stay = () => unlessAborted(new Promise<never>(() => {}), signal)
    const reach = async ({ at }: RecordedLine) => {
      if (speed < Infinity) await wait((at - lines[0]!.at) / speed - (performance.now() - began), signal)
      signal.throwIfAborted()
    }
    const [, opened, ...rest] = lines
    if (opened) await reach(opened)
    if (opened?.type === 'failed') throw revive(opened)
    if (opened?.type !== 'opened') return stay()
    async function* play(): AsyncGenerator<readonly Frame[]> {
      for (const line of rest) {
        await reach(line)
        if (line.type === 'read') yield line.frames
        else if (line.type === 'failed') throw revive(line)
        else if (line.type === 'closed') return
        else break
      }
      await stay()
    }
    const { location, exhausted = false, carrier = 'replay' } = opened
    return { location, exhausted, carrier, [Symbol.asyncIterator]: play }
  }
}

const revive = ({ code, message, ...rest }: Extract<RecordedLine, { type: 'failed' }>) =>
  new StreamError(code, message, rest)

/** The lines of each connection, its `open` first. */
function readConnections(recording: string): readonly (readonly RecordedLine[])[] {
  const connections = new Map<number, RecordedLine[]>()
  for (const [index, text] of recording.split('\n').entries()) {
    if (text.trim() === '') continue
    const line = readLine(text)
    const known = line && connections.get(line.connection)
    if (!line || (line.type === 'open') === (known !== undefined)) {
      throw new StreamError('option', `Line ${index + 1} of the recording is not one that a recorder writes there.`)
    }
    if (known) known.push(line)
    else connections.set(line.connection, [line])
  }
  if (connections.size > 0) return [...connections.values()]
  throw new StreamError('option', 'The recording is empty. Give the text of a recorder that a stream went through.')
}

const types = /^(open|opened|read|closed|left|failed|full)$/

function readLine(text: string): RecordedLine | undefined {
  try {
    const line = JSON.parse(text) as RecordedLine
    const { type, at, connection } = line
    const read = type !== 'read' || line.frames.every(({ event, data }) => isText(event) && isText(data))
    const failed = type !== 'failed' || (isText(line.code) && isText(line.message))
    return types.test(type) && Number.isFinite(at) && Number.isInteger(connection) && read && failed ? line : undefined
  } catch {
    return undefined
  }
}

const isText = (value: unknown) => typeof value === 'string'
