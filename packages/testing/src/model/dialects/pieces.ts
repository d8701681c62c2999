import type { Choice } from '../choice'
import type { Completion } from '../completion'
import { tokens } from '../tokens'

/** Tokens of one kind in a row: what other dialects than chat completions make a block or an item of. */
export type Block =
  | { readonly type: 'reasoning' | 'text'; readonly pieces: readonly string[] }
  | {
      readonly type: 'call'
      readonly id: string
      readonly name: string
      /** Of its arguments. The token that names the call comes before them. */
      readonly pieces: readonly string[]
    }

/** The blocks of an answer, in order. */
export function blocksOf({ deltas }: Choice): readonly Block[] {
  const blocks: (Block & { pieces: string[] })[] = []
  for (const delta of deltas) {
    if ('tool_calls' in delta) {
      const [{ id, function: called }] = delta.tool_calls
      if (id !== undefined) blocks.push({ type: 'call', id, name: called.name ?? '', pieces: [] })
      else blocks.at(-1)!.pieces.push(called.arguments)
      continue
    }
    const [type, piece] =
      'content' in delta ? (['text', delta.content] as const) : (['reasoning', delta.reasoning_content] as const)
    const last = blocks.at(-1)
    if (last?.type === type) last.pieces.push(piece)
    else blocks.push({ type, pieces: [piece] })
  }
  return blocks
}

export interface Counts {
  readonly input: number
  readonly output: number
  readonly reasoning: number
  readonly cached: number
}

/** What is counted, and what the script says in its place. */
export function countsOf({ request, choices, usage = {} }: Completion): Counts {
  const deltas = choices.flatMap((choice) => choice.deltas)
  return {
    input: usage.inputTokens ?? request.messages.reduce((sum, { content }) => sum + tokens(content).length, 0),
    output: usage.outputTokens ?? deltas.length,
    reasoning: usage.reasoningTokens ?? deltas.filter((delta) => 'reasoning_content' in delta).length,
    cached: usage.cachedInputTokens ?? 0,
  }
}
