import type { Frame } from '@keepstream/core'
import { createParser } from '@keepstream/core/sse'
import type { StreamLog } from '../src/index'
import { parsePosition } from '../src/position'

/** What a reader of a log has got so far. */
export interface LogReader {
  readonly frames: readonly Frame[]
  /** All pieces of text, joined. */
  readonly text: () => string
  readonly position: () => number
  /** Resolves when the stream is over and read to its end, or no longer held. Rejects with what a read rejects with. */
  readonly done: Promise<'end' | 'gone' | 'evicted'>
}

/** Follows a stream from `after` on, as a connection would. Throws where an entry is missing, or comes twice. */
export function followLog(stream: StreamLog, after = 0): LogReader {
  const frames: Frame[] = []
  const parser = createParser()
  let position = after
  let changed = () => {}
  const unwatch = stream.watch(() => changed())

  function take(bytes: Uint8Array): void {
    for (const frame of parser.feed(bytes)) {
      const [, first = '', last = first] = /-(\d+)(?:\.\.(\d+))?$/.exec(frame.id ?? '') ?? []
      if (Number(first) !== position + 1) throw new Error(`After entry ${position} came ${frame.id}`)
      if (parsePosition(frame.id!)?.epoch !== stream.epoch) throw new Error(`${frame.id} is of another life`)
      position = Number(last)
      frames.push(frame)
    }
  }

  async function run(): Promise<'end' | 'gone' | 'evicted'> {
    try {
      for (;;) {
        const next = new Promise<void>((resolve) => {
          changed = resolve
        })
        if (stream.gone) return 'gone'
        while (position < stream.head) {
          if (position < stream.earliest - 1) return 'evicted'
          const slice = await stream.read(position, 64 * 1024)
          if (stream.gone) return 'gone'
          take(slice.bytes)
          if (position !== slice.last)
            throw new Error(`The slice ends with ${slice.last}, its entries with ${position}`)
        }
        if (stream.terminal) return 'end'
        await next
      }
    } finally {
      unwatch()
    }
  }

  const done = run()
  done.catch(() => undefined)
  const text = () =>
    frames
      .filter(({ event }) => event === 'text')
      .map(({ data }) => JSON.parse(data) as string)
      .join('')
  return { frames, text, position: () => position, done }
}
