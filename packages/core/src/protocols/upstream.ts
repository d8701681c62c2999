// What the protocols of model providers have in common.
import { StreamError } from '../errors'
import type { Frame } from '../frame'
import type { Message } from '../message'
import { check } from '../option'
import { createParser } from '../sse/parse'
import type { FrameParser } from './protocol'

const goOn = 'Your answer was cut off. Go on exactly where it ends. Repeat nothing and add no remark.'

/**
 * The input that asks to go on after `data`: the turns in `field`, then what the model has said, then a turn of the user
 * that asks for the rest, because newer models refuse a conversation that ends with their own turn. `undefined` where tool
 * calls have begun, which no text can go on with, where there are several answers, and where the model had finished.
 */
export function goOnAfter(
  input: unknown,
  { text, toolCalls, alternatives, finishReason }: Message,
  field: 'messages' | 'contents',
  turn: (role: 'assistant' | 'user', text: string) => object,
): unknown {
  const turns = (input as Record<string, unknown>)[field]
  if (toolCalls[0] || alternatives[0] || finishReason || !Array.isArray(turns)) return undefined
  if (!text) return input
  const asking = turn('user', goOn)
  // An answer that was cut once more: what was asked for it is asked anew, with all of the text.
  const before = JSON.stringify(turns.at(-1)) === JSON.stringify(asking) ? turns.slice(0, -2) : turns
  return { ...(input as object), [field]: [...before, turn('assistant', text), asking] }
}

/** The input of a start as an object; `fields` names what the provider needs in it. */
export function inputObject(input: unknown, fields: string): Record<string, unknown> {
  const valid = typeof input === 'object' && input !== null && !Array.isArray(input)
  check(valid, 'input', input, `an object with ${fields} to \`start\``)
  return input as Record<string, unknown>
}

/** The JSON object in `data`. Throws a `decode` error that names what was expected instead of anything else. */
export function parseObject<T extends object>(data: string, expected: string): T {
  try {
    const value: unknown = JSON.parse(data)
    if (typeof value === 'object' && value) return value as T
  } catch (cause) {
    throw malformed(expected, cause)
  }
  throw malformed(expected)
}

export const malformed = (expected: string, cause?: unknown): StreamError =>
  StreamError.from(cause, 'decode', `What arrived is not ${expected}. Does this endpoint speak it?`)

// Of the kind that passes by itself: the same request may succeed a moment later.
const passing = /overload|rate_?limit|unavailable|exhausted|time_?out|deadline|server_error|internal|api_error/i

/**
 * The error object inside a stream that began with status 200. `reason` is the provider's word for it. Overload and the
 * like are retryable, with or without text before it: whether to ask again, and be billed again, the engine decides by the
 * option `interruption`. What the request itself is to blame for is not.
 */
export function upstreamError(error: unknown): StreamError {
  const { message, code, type, status } = (Object(error) === error ? error : { message: error }) as Record<
    string,
    unknown
  >
  const reason = [code, type, status].find((word) => typeof word === 'string') as string | undefined
  const sentence = typeof message === 'string' && message ? message : 'The model ended the answer with an error.'
  const retryable = reason ? passing.test(reason) : code === 429 || Number(code) >= 500
  return new StreamError('server', sentence, { reason, retryable })
}

/**
 * An event stream whose frames pass through `note` before they are decoded: what one event says about another one, which
 * `decode` cannot know, for it sees each by itself. A frame of which `note` throws goes as it is, for `decode` to refuse.
 * `end` gives the frames that a clean close of the connection stands for.
 */
export function annotated(limit: number, note: (frame: Frame) => Frame, end?: () => readonly Frame[]): FrameParser {
  const parser = createParser({ maxEventSize: limit })
  const noted = (frame: Frame) => {
    try {
      return note(frame)
    } catch {
      return frame
    }
  }
  return {
    feed: (chunk) => parser.feed(chunk).map(noted),
    end() {
      parser.end() // Throws what it owes.
      return end?.() ?? []
    },
  }
}
