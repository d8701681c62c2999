// The contestants of the parser benchmark, each as its users have to call it: from bytes to events.
import { createParser } from '@keepstream/core/sse'
import { getLines, getMessages } from '@microsoft/fetch-event-source/lib/cjs/parse.js'
import { createParser as createParser4 } from 'eventsource-parser'
import { createParser as createParser3 } from 'eventsource-parser-3'

/** What all of them hand over: an object for each event. */
export interface Event {
  readonly event?: string | undefined
  readonly data: string
  readonly id?: string | undefined
}
export type Sink = (event: Event) => void
export type Contestant = (chunks: readonly Uint8Array[], sink: Sink) => void

/** Above the largest workload, so that the bound is checked and not met. */
const MAX_EVENT_SIZE = 64 * 1_048_576

const keepstream: Contestant = (chunks, sink) => {
  const parser = createParser({ maxEventSize: MAX_EVENT_SIZE })
  for (const chunk of chunks) for (const frame of parser.feed(chunk)) sink(frame)
}

const eventsourceParser4: Contestant = (chunks, sink) => {
  const decoder = new TextDecoder()
  const parser = createParser4({ onEvent: sink, maxBufferSize: MAX_EVENT_SIZE })
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }))
}

const eventsourceParser3: Contestant = (chunks, sink) => {
  const decoder = new TextDecoder()
  const parser = createParser3({ onEvent: sink, maxBufferSize: MAX_EVENT_SIZE })
  for (const chunk of chunks) parser.feed(decoder.decode(chunk, { stream: true }))
}

const fetchEventSource: Contestant = (chunks, sink) => {
  const ignore = () => {}
  const feed = getLines(getMessages(ignore, ignore, sink))
  for (const chunk of chunks) feed(chunk)
}

/** What many pages have: right for `\n\n` alone, and for data lines with a space. */
const naiveSplit: Contestant = (chunks, sink) => {
  const decoder = new TextDecoder()
  let rest = ''
  for (const chunk of chunks) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split(/\n\n/)
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const lines = block.split('\n').filter((line) => line.startsWith('data: '))
      sink({ data: lines.map((line) => line.slice(6)).join('\n') })
    }
  }
}

/** The better of these two is the baseline of every ratio. */
export const baselines: Readonly<Record<string, Contestant>> = {
  'eventsource-parser 4': eventsourceParser4,
  'eventsource-parser 3': eventsourceParser3,
}

export const contestants: Readonly<Record<string, Contestant>> = {
  keepstream,
  ...baselines,
  'fetch-event-source': fetchEventSource,
  'naive split': naiveSplit,
}
