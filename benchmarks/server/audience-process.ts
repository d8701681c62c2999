// All readers, in a process of their own: what they cost is not measured.
import type { Socket } from 'node:net'
import { WebSocket } from 'ws'
import { answerCalls } from './answers'
import { type Address, type CountingReader, neverRead, type ReadOptions, readEvents, spanOf } from './event-reader'

interface Group {
  readonly readers: CountingReader[]
  readonly silent: Socket[]
  /** Who has not read up to `last` yet. */
  waiting: { readonly last: number; readonly behind: Set<CountingReader>; readonly resolve: () => void } | undefined
}

interface Join extends Address {
  readonly group: string
  readonly count: number
  readonly speaks: 'events' | readonly string[]
  readonly after: number
  readonly epoch: string
}

const groups = new Map<string, Group>()

function groupOf(name: string): Group {
  const found = groups.get(name) ?? { readers: [], silent: [], waiting: undefined }
  groups.set(name, found)
  return found
}

function advance({ waiting }: Group, reader: CountingReader): void {
  if (!waiting || reader.last < waiting.last || !waiting.behind.delete(reader)) return
  if (waiting.behind.size === 0) waiting.resolve()
}

function readMessages({ port, path }: Address, says: readonly string[], options: ReadOptions): CountingReader {
  let [last, wrong, received] = [options.after, 0, 0]
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, ['keepstream.v1'], { perMessageDeflate: false })
  socket.on('open', () => {
    for (const message of says) socket.send(message)
    if (says.length === 0) options.onOpen()
  })
  socket.on('message', (data: Buffer) => {
    received += data.length
    const { type, events } = JSON.parse(data.toString())
    if (type === 'opened') options.onOpen()
    if (type !== 'events') return
    for (const { event, id } of events) {
      if (event !== 'text') continue
      const span = spanOf(id)
      if (span.first !== last + 1) wrong++
      last = span.last
    }
    options.onEvents()
  })
  return {
    get last() {
      return last
    },
    get wrong() {
      return wrong
    },
    get received() {
      return received
    },
    leave: () => socket.terminate(),
  }
}

export const audienceCalls = {
  /** So many readers come, all at once. Resolves when each has the head of its answer. */
  async join({ group: name, count, speaks, port, path, after, epoch }: Join) {
    const group = groupOf(name)
    let open = 0
    await new Promise<void>((resolve, reject) => {
      const onOpen = () => void (++open === count && resolve())
      const onCut = () => reject(new Error(`A connection to ${name} was cut.`))
      for (let index = 0; index < count; index++) {
        const onEvents = () => advance(group, reader)
        const options = { after, epoch, onOpen, onCut, onEvents }
        const address = { port, path }
        const reader = speaks === 'events' ? readEvents(address, options) : readMessages(address, speaks, options)
        group.readers.push(reader)
      }
    })
  },
  /** So many come, and read nothing. */
  async joinSilently({ group: name, count, port, path }: Join) {
    const { silent } = groupOf(name)
    await Promise.all(
      Array.from(
        { length: count },
        () => new Promise<void>((resolve) => silent.push(neverRead({ port, path }, resolve))),
      ),
    )
  },
  /** Resolves when everybody has read up to `last`. */
  async reached({ group: name, last }: { group: string; last: number }) {
    const group = groupOf(name)
    const behind = new Set(group.readers.filter((reader) => reader.last < last))
    if (behind.size > 0)
      await new Promise<void>((resolve) => {
        group.waiting = { last, behind, resolve }
      })
    group.waiting = undefined
  },
  async tally(name: string) {
    const { readers } = groupOf(name)
    const sum = (count: (reader: CountingReader) => number) =>
      readers.reduce((total, reader) => total + count(reader), 0)
    return {
      wrong: sum(({ wrong }) => wrong),
      received: sum(({ received }) => received),
      least: Math.min(...readers.map(({ last }) => last)),
    }
  },
  async leave(name: string) {
    const { readers, silent } = groupOf(name)
    for (const reader of readers) reader.leave()
    for (const socket of silent) socket.destroy()
    groups.delete(name)
  },
}

answerCalls(audienceCalls)
