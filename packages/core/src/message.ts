import { StreamError } from './errors'

/** One increment of an answer. What every protocol of a model decodes to, whatever the provider calls it. */
export type MessagePart =
  /** `choice` is the number of the answer where several were asked for; absent for the first. */
  | { readonly type: 'text'; readonly text: string; readonly choice?: number }
  | { readonly type: 'reasoning'; readonly text: string; readonly choice?: number }
  | ToolCallPart
  | { readonly type: 'usage'; readonly usage: Usage }
  | { readonly type: 'finish'; readonly reason: string; readonly choice?: number }
  /** The application's own event. */
  | { readonly type: 'data'; readonly name: string; readonly value: unknown }

/** A piece of a tool call. `id` and `name` come with its first piece; the pieces of `arguments` are joined per `index`. */
export interface ToolCallPart {
  readonly type: 'tool-call'
  /** Absent where the provider numbers no calls: then it is the call with this `id`, or a new one where there is none. */
  readonly index?: number
  readonly id?: string
  readonly name?: string
  readonly arguments?: string
  /** Whether `arguments` are all of them, in place of the pieces so far. */
  readonly whole?: boolean
  readonly choice?: number
}

/** Tokens, as the provider counted them. */
export interface Usage {
  readonly inputTokens: number
  readonly outputTokens: number
  readonly totalTokens: number
  readonly reasoningTokens?: number
  readonly cachedInputTokens?: number
  /** What it costs by the price list of the server, where that has one. */
  readonly cost?: { readonly amount: number; readonly currency: string }
}

export interface ToolCall {
  readonly id: string
  readonly name: string
  /** JSON as far as it has arrived. It parses once `finishReason` is there. */
  readonly arguments: string
}

/** One answer of the model as far as it has arrived. */
export interface Choice {
  readonly text: string
  readonly reasoning: string
  readonly toolCalls: readonly ToolCall[]
  /** Why the model ended: `stop`, `length`, `tool-calls`, `content-filter` or the provider's own word. */
  readonly finishReason: string | undefined
}

/** The first answer, and what belongs to all of them. */
export interface Message extends Choice {
  readonly usage: Usage | undefined
  /** The latest value of each of the application's own events, by name. Iterate over the stream to see every one. */
  readonly data: Readonly<Record<string, unknown>>
  /** The further answers where several were asked for (`n`), without the first. */
  readonly alternatives: readonly Choice[]
}

const emptyChoice: Choice = { text: '', reasoning: '', toolCalls: [], finishReason: undefined }
const emptyMessage: Message = { ...emptyChoice, usage: undefined, data: {}, alternatives: [] }

/** A message of which nothing has arrived yet. */
export const initialMessage = (): Message => emptyMessage

/** The message after one more part. Pure. Text grows by `+=`, which engines keep as a rope: linear over the answer. */
export function reduceMessage(message: Message, part: MessagePart): Message {
  // Nearly all parts are these. Written out, because to spread a message takes six times as long.
  if (part.type === 'text' && !part.choice) {
    const { text, reasoning, toolCalls, finishReason, usage, data, alternatives } = message
    return { text: text + part.text, reasoning, toolCalls, finishReason, usage, data, alternatives }
  }
  switch (part.type) {
    case 'usage':
      return { ...message, usage: part.usage }
    case 'data':
      return { ...message, data: { ...message.data, [part.name]: part.value } }
    default: {
      const { choice } = part
      if (!choice) return { ...message, ...reduceChoice(message, part) }
      const alternatives = message.alternatives.slice()
      checkIndex('choice', choice)
      while (alternatives.length < choice) alternatives.push(emptyChoice)
      const known = alternatives[choice - 1]!
      alternatives[choice - 1] = { ...known, ...reduceChoice(known, part) }
      return { ...message, alternatives }
    }
  }
}

type ChoicePart = Exclude<MessagePart, { type: 'usage' | 'data' }>

function reduceChoice(choice: Choice, part: ChoicePart): Partial<Choice> {
  switch (part.type) {
    case 'text':
      return { text: choice.text + part.text }
    case 'reasoning':
      return { reasoning: choice.reasoning + part.text }
    case 'finish':
      return { finishReason: part.reason }
    case 'tool-call': {
      const toolCalls = choice.toolCalls.slice()
      const { id, index = placeOf(id, toolCalls) } = part
      checkIndex('tool call', index)
      while (toolCalls.length <= index) toolCalls.push({ id: '', name: '', arguments: '' })
      const known = toolCalls[index]!
      toolCalls[index] = {
        id: id ?? known.id,
        name: part.name ?? known.name,
        arguments: (part.whole ? '' : known.arguments) + (part.arguments ?? ''),
      }
      return { toolCalls }
    }
  }
}

function placeOf(id: string | undefined, toolCalls: readonly ToolCall[]): number {
  const place = toolCalls.findIndex((call) => call.id === id)
  return place < 0 ? toolCalls.length : place
}

// No answer has that many; an index from a broken server must not make a list of a billion.
const mostParts = 1_024

function checkIndex(what: string, index: number): void {
  if (Number.isInteger(index) && index >= 0 && index < mostParts) return
  throw new StreamError(
    'decode',
    `The server numbers a ${what} ${index}; a whole number below ${mostParts} was expected.`,
  )
}
