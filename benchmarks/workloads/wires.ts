// One answer of so many words in the dialect of each client, as the blocks that a server would write one by one.
import { format } from '@keepstream/core/sse'
import { dataOnly, openaiChunks } from './event-streams'

const sentence =
  'A stream is an append-only log, and everyone who reads it holds a cursor into that log. Replay, live tail, reconnect and reload are then the same act: read on from the cursor.'
const words = sentence.split(/(?= )/)

const word = (index: number): string => words[index % words.length]!

/** How long the text of so many words is. */
export const lengthOf = (count: number): number =>
  Array.from({ length: count }, (_, index) => word(index).length).reduce((sum, length) => sum + length, 0)

type Wire = (count: number) => readonly string[]

const each = (count: number, block: (text: string, index: number) => string) =>
  Array.from({ length: count }, (_, index) => block(word(index), index))
const json = (value: unknown) => dataOnly(JSON.stringify(value))

export const wires = {
  openai: (count) => [...openaiChunks(count).map(dataOnly), 'data: [DONE]\n\n'],
  keepstream(count) {
    const hello = { v: 1, epoch: 'bench', position: 0, head: 0, state: 'live', resumed: false, heartbeat: 15_000 }
    return [
      `id: bench-0\nevent: hello\ndata: ${JSON.stringify(hello)}\n\n`,
      ...each(count, (text, index) => format({ id: `bench-${index + 1}`, event: 'text', data: JSON.stringify(text) })),
      format({ id: `bench-${count + 1}`, event: 'end', data: JSON.stringify({ state: 'done', n: count }) }),
    ]
  },
  aiSdk: (count) => [
    json({ type: 'start', messageId: 'answer' }),
    json({ type: 'text-start', id: 'text' }),
    ...each(count, (delta) => json({ type: 'text-delta', id: 'text', delta })),
    json({ type: 'text-end', id: 'text' }),
    json({ type: 'finish' }),
    'data: [DONE]\n\n',
  ],
  tanstackAi: (count) => [
    json({ type: 'RUN_STARTED', threadId: 'thread', runId: 'run', timestamp: 1 }),
    json({ type: 'TEXT_MESSAGE_START', messageId: 'answer', role: 'assistant', timestamp: 1 }),
    ...each(
      count,
      (delta, index) =>
        `id: ${index + 1}\n${json({ type: 'TEXT_MESSAGE_CONTENT', messageId: 'answer', delta, timestamp: 1 })}`,
    ),
    json({ type: 'TEXT_MESSAGE_END', messageId: 'answer', timestamp: 1 }),
    json({ type: 'RUN_FINISHED', threadId: 'thread', runId: 'run', timestamp: 1, finishReason: 'stop' }),
  ],
  plain: (count) => [
    ...each(count, (text, index) => format({ id: String(index + 1), data: JSON.stringify(text) })),
    format({ event: 'done', data: '{}' }),
  ],
} satisfies Record<string, Wire>

export type Dialect = keyof typeof wires
