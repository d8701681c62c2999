import { format } from '@keepstream/core/sse'

/** What a server writes for one of the peers: before the tokens, for each of them, and after the last. */
export interface Dialect {
  readonly opening: string
  readonly token: (text: string, index: number) => string
  readonly ending: string
}

const json = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`
const timestamp = 1_700_000_000_000

export const dialects = {
  /** The least there can be, for whoever parses by hand. */
  plain: { opening: '', token: json, ending: 'data: [DONE]\n\n' },
  'ai-sdk': {
    opening: json({ type: 'start', messageId: 'answer' }) + json({ type: 'text-start', id: 'text' }),
    token: (delta) => json({ type: 'text-delta', id: 'text', delta }),
    ending: `${json({ type: 'text-end', id: 'text' })}${json({ type: 'finish' })}data: [DONE]\n\n`,
  },
  'tanstack-ai': {
    opening:
      json({ type: 'RUN_STARTED', threadId: 'thread', runId: 'run', timestamp }) +
      json({ type: 'TEXT_MESSAGE_START', messageId: 'answer', role: 'assistant', timestamp }),
    token: (delta, index) =>
      `id: ${index + 1}\n${json({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'answer', delta, timestamp })}`,
    ending:
      json({ type: 'TEXT_MESSAGE_END', messageId: 'answer', timestamp }) +
      json({ type: 'RUN_FINISHED', threadId: 'thread', runId: 'run', timestamp, finishReason: 'stop' }),
  },
  langgraph: {
    opening: format({ id: '0', event: 'metadata', data: JSON.stringify({ run_id: 'run', attempt: 1 }) }),
    token: (content, index) =>
      format({
        id: String(index + 1),
        event: 'messages',
        data: JSON.stringify([{ type: 'AIMessageChunk', id: 'answer', content }, { langgraph_node: 'model' }]),
      }),
    ending: format({ event: 'end', data: 'null' }),
  },
} satisfies Record<string, Dialect>

export type DialectName = keyof typeof dialects
