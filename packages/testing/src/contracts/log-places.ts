import { describe, expect, it } from 'vitest'
import type { ContractPlace, ContractStream, LogHarness } from './log-harness'
import {
  type LogLine,
  note,
  numbersOf,
  openLog,
  outgrow,
  produce,
  readFrom,
  seal,
  streamOf,
  text,
  textOf,
} from './log-line'

/** Where a reader may begin. */
export function placeCases(harness: LogHarness): void {
  const checkEdges = (line: LogLine, seen: ContractStream) => look(line, seen, () => checkEdgesNow(seen))

  /** The five edges, on a log that holds what it says. */
  async function checkEdgesNow(seen: ContractStream): Promise<void> {
    const { earliest, head, epoch, snapshot } = seen
    expect(earliest).toBeLessThanOrEqual(head + 1)
    const start = snapshot?.seq ?? earliest - 1
    if (snapshot) expect(snapshot.seq >= earliest - 1 && snapshot.seq <= head).toBe(true)
    const reset = (reason: string): ContractPlace => ({ position: start, resumed: false, reset: reason })
    const on = (position: number): ContractPlace => ({ position, resumed: true })
    const edges: [string, ContractPlace][] = [
      [`${epoch}-${earliest - 1}`, on(earliest - 1)],
      [`${epoch}-${earliest}`, earliest > head ? reset('ahead') : on(earliest)],
      [`${epoch}-${head}`, on(head)],
      [`${epoch}-${head + 1}`, reset('ahead')],
      [`zzzzzz-${head}`, reset('epoch')],
      ['nonsense', reset('unknown')],
    ]
    if (earliest > 1) edges.push([`${epoch}-${earliest - 2}`, reset('evicted')])
    for (const [id, place] of edges) expect([id, harness.locate(id, seen)]).toEqual([id, place])
    for (const [, { position }] of edges) {
      expect(numbersOf(await readFrom(seen, position))[0]).toBe(position < seen.head ? position + 1 : undefined)
    }
    const nothing = await seen.read(seen.head, 100)
    expect([nothing.bytes.length, nothing.last]).toEqual([0, seen.head])
  }

  describe('a place', () => {
    it('[R16] at each of the five edges is what it is, in a log that is empty, whole or over', async () => {
      const line = await openLog(harness)
      const stream = await line.create()
      for (const seen of await line.everywhere(stream)) await checkEdges(line, seen)
      await stream.append([note(1), text('a'), text('b'), note(2)])
      for (const seen of await line.everywhere(stream)) await checkEdges(line, seen)
      await seal(stream)
      for (const seen of await line.everywhere(stream)) await checkEdges(line, seen)
    })

    it('[R16 R61] at each of the five edges is what it is, where the first entries made room for a snapshot', async () => {
      const line = await openLog(harness, true)
      const said = { text: '' }
      const stream = await line.create(() => JSON.stringify(said))
      await outgrow(stream, said)
      await line.eventually(() => stream.earliest > 1, 'for entries to be dropped')
      for (const seen of await line.everywhere(stream)) {
        await line.eventually(() => seen.earliest > 1, 'for another process to learn of it')
        expect(seen.snapshot).toBeDefined()
        await checkEdges(line, seen)
      }
    })
  })

  describe('a snapshot', () => {
    it('[R61] and the entries after it are the whole, in every process, while it runs and when it is over', async () => {
      const line = await openLog(harness, true)
      const said = { text: '' }
      const stream = await line.create(() => JSON.stringify(said))
      // What else is held: the state of this answer must have room beside it only when it is over.
      const others = [await line.create(), await line.create()]
      for (const other of others) for (let index = 0; index < 80; index++) await other.append([note('x'.repeat(1000))])
      await outgrow(stream, said)
      await line.eventually(() => stream.earliest > 1, 'for entries to be dropped')
      const check = async () => {
        for (const seen of await line.everywhere(stream)) {
          await line.eventually(() => seen.snapshot !== undefined, 'for a snapshot')
          await look(line, seen, async () => {
            const { seq, data } = seen.snapshot!
            const { text: before } = JSON.parse(data) as { text: string }
            expect(before + textOf(await readFrom(seen, seq))).toBe(said.text)
          })
        }
      }
      await check()
      for (const piece of ['one ', 'two ', 'three']) {
        said.text += piece
        await stream.append([text(piece)])
      }
      await check()
      for (const other of others) await seal(other)
      await seal(stream)
      await check()
    })

    it('is none where nobody knows a state, and none before anything was dropped', async () => {
      const line = await openLog(harness, true)
      const unknown = await line.create()
      await outgrow(unknown, { text: '' }, 2 ** 19)
      const whole = await line.create(() => '{"text":"a"}')
      await whole.append([text('a')])
      for (const stream of [unknown, whole])
        for (const seen of await line.everywhere(stream)) expect(seen.snapshot).toBeUndefined()
    })
  })

  describe('a bound', () => {
    it('[R50] is no reason to lose the newest entries of what runs, whatever others say', async () => {
      const line = await openLog(harness, true)
      const said = { text: '' }
      const old = await line.create(() => JSON.stringify(said))
      await outgrow(old, said, 2 ** 18)
      const young = streamOf(await line.claim())
      const other = { text: '' }
      produce(young, () => JSON.stringify(other))
      await outgrow(young, other)
      for (const [stream, all] of [
        [old, said],
        [young, other],
      ] as const) {
        for (const seen of await line.everywhere(stream)) {
          await look(line, seen, async () => {
            const read = textOf(await readFrom(seen, seen.earliest - 1))
            expect([read.length > 0, all.text.endsWith(read), seen.gone]).toEqual([true, true, false])
          })
        }
      }
    })
  })
}

/** Looks once more, where entries made room while it looked. */
function look(line: LogLine, seen: ContractStream, check: () => Promise<void>): Promise<void> {
  return line.eventually(async () => {
    const { earliest } = seen
    try {
      await check()
      return true
    } catch (error) {
      if (seen.earliest === earliest) throw error
      return false
    }
  }, 'for a log that stays as it is')
}
