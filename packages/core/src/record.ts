// Above 150 lines: what is written and how it is read again must agree, so they stand together.
import { StreamError, type StreamErrorCode } from './errors'
import type { Frame } from './frame'
import { check, settings } from './option'
import type { Connection, OpenRequest, Transport, Wrapper } from './transports/transport'
import { unlessAborted, wait } from './wait'

/** One line of a recording. `at` counts milliseconds from the first one. */
export type RecordedLine = { readonly at: number } & (
  | { readonly type: 'open'; readonly attempt: number; readonly cursor?: string; readonly input?: unknown }
  | { readonly type: 'opened'; readonly location?: string; readonly exhausted?: boolean; readonly carrier?: string }
  | { readonly type: 'read'; readonly frames: readonly Frame[] }
  | { readonly type: 'closed' }
  /** Our side has left. */
  | { readonly type: 'left' }
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

/** Records what a stream reads from its connections, with the times. Credentials are never seen here. */
export function createRecorder(options: RecorderOptions = {}): Recorder {
  const { maxLength, inputs } = settings('', { maxLength: 5_000_000, inputs: false }, options)
  check(typeof inputs === 'boolean', 'inputs', inputs, 'true or false')
  const lines: string[] = []
  let length = 0
  let full = false
  let began: number | undefined

  function write(line: Record<string, unknown>): void {
    if (full) return
    began ??= performance.now()
    const at = Math.round(performance.now() - began)
    const text = JSON.stringify({ at, ...line })
    full = length + text.length > maxLength
    lines.push(full ? JSON.stringify({ at, type: 'full' }) : text)
    length += text.length + 1
  }

  function fail(error: unknown, signal: AbortSignal): void {
    if (signal.aborted) {
      write({ type: 'left' })
      return
    }
    const { code, message, retryable, status, retryAfter, reason } = StreamError.from(error, 'network')
    write({ type: 'failed', code, message, retryable, status, retryAfter, reason })
  }

  const wrapper: Wrapper = (transport) => {
    const open = async (request: OpenRequest): Promise<Connection> => {
      const { attempt, cursor, start, signal } = request
      write({ type: 'open', attempt, cursor, ...(inputs && { input: start?.input }) })
      try {
        const connection = await transport(request)
        const { location, exhausted, carrier } = connection
        write({ type: 'opened', location, exhausted, carrier })
        return { ...connection, [Symbol.asyncIterator]: () => listen(connection, signal) }
      } catch (error) {
        fail(error, signal)
        throw error
      }
    }
    return transport.stop ? Object.assign(open, { stop: transport.stop }) : open
  }

  async function* listen(connection: Connection, signal: AbortSignal): AsyncGenerator<readonly Frame[]> {
    let over = false
    try {
      for await (const frames of connection) {
        write({ type: 'read', frames })
        yield frames
      }
      over = true
      write({ type: 'closed' })
    } catch (error) {
      over = true
      fail(error, signal)
      throw error
    } finally {
      if (!over) write({ type: 'left' })
    }
  }

  return { wrapper, text: () => lines.map((line) => `${line}\n`).join('') }
}

export interface ReplayOptions {
  /** 1 keeps the times of the recording, 10 is ten times as fast, `Infinity` waits for nothing. Default `Infinity`. */
  readonly speed?: number
}

/** A transport that plays a recording, one recorded attempt for each attempt. One more than were recorded fails for good. */
export function replay(recording: string, options: ReplayOptions = {}): Transport {
  const { speed } = settings('', { speed: Number.POSITIVE_INFINITY }, options)
  check(speed > 0, 'speed', speed, 'a number above 0')
  const attempts = readAttempts(recording)
  let next = 0

  return async ({ signal }) => {
    const lines = attempts[next++]
    if (!lines) {
      const sentence = `The recording holds ${attempts.length} attempts, and this would be one more.`
      throw new StreamError('unsupported', sentence)
    }
    let at = lines[0]!.at
    const reach = async (line: RecordedLine) => {
      await wait((line.at - at) / speed, signal)
      signal.throwIfAborted()
      at = line.at
    }
    const [, opened, ...rest] = lines
    if (!opened) return unlessAborted(new Promise<never>(() => {}), signal)
    await reach(opened)
    if (opened.type === 'failed') throw revive(opened)
    async function* play(): AsyncGenerator<readonly Frame[]> {
      for (const line of rest) {
        await reach(line)
        if (line.type === 'read') yield line.frames
        else if (line.type === 'failed') throw revive(line)
        else if (line.type === 'closed') return
        else break
      }
      // Here the recording, or the side that made it, left a connection that was still open.
      await unlessAborted(new Promise<never>(() => {}), signal)
    }
    const { location, exhausted = false } = opened.type === 'opened' ? opened : {}
    return { location, exhausted, carrier: 'replay', [Symbol.asyncIterator]: play }
  }
}

const revive = ({ code, message, ...rest }: Extract<RecordedLine, { type: 'failed' }>) =>
  new StreamError(code, message, rest)

/** The lines of each attempt, its `open` first. */
function readAttempts(recording: string): readonly (readonly RecordedLine[])[] {
  const attempts: RecordedLine[][] = []
  for (const [index, text] of recording.split('\n').entries()) {
    if (text.trim() === '') continue
    const line = readLine(text, index + 1)
    if (line.type === 'open') attempts.push([line])
    else attempts.at(-1)?.push(line)
  }
  return attempts
}

const types = /^(open|opened|read|closed|left|failed|full)$/

function readLine(text: string, number: number): RecordedLine {
  try {
    const line = JSON.parse(text) as RecordedLine
    if (types.test(line.type) && typeof line.at === 'number') return line
  } catch {}
  throw new StreamError('option', `Line ${number} of the recording is not one that a recorder writes.`)
}
