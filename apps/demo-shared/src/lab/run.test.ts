import { expect, it, vi } from 'vitest'
import { inputOf, runLoop } from './run'

const race = { id: 'a', question: 'Why?' }

/** A body that comes in pieces, and breaks where an error stands. */
const body = (...pieces: readonly (string | Error)[]) => {
  const left = [...pieces]
  return new Response(
    new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = left.shift()
        if (piece === undefined) controller.close()
        else if (piece instanceof Error) controller.error(piece)
        else controller.enqueue(new TextEncoder().encode(piece))
      },
    }),
  )
}

function run(answers: readonly Response[], signal = new AbortController().signal) {
  const left = [...answers]
  const fetch = vi.fn<typeof globalThis.fetch>(async () => left.shift() ?? new Response('', { status: 500 }))
  const told: string[] = []
  const onText = (text: string) => told.push(text)
  const onEvent = (event: string) => told.push(`(${event})`)
  return { told, fetch, over: runLoop({ race, fetch, signal, onText, onEvent, pause: 1 }) }
}

it('reads a body to its end, and believes it', async () => {
  const { told, over, fetch } = run([body('one ', 'two')])
  await over
  expect(told).toEqual(['(open)', 'one ', 'two'])
  expect(JSON.parse(String(fetch.mock.calls[0]![1]!.body))).toEqual(inputOf(race, 'loop'))
})

it('asks again from the beginning where the connection breaks, and keeps what it had', async () => {
  const { told, over } = run([body('one ', new Error('cut')), body('one two')])
  await over
  expect(told).toEqual(['(open)', 'one ', '(lost)', '(again)', '(open)', 'one two'])
})

it('gives up after three times', async () => {
  const { told, over, fetch } = run([])
  await expect(over).rejects.toThrow('The server answered 500.')
  expect(fetch).toHaveBeenCalledTimes(3)
  expect(told).toEqual(['(lost)', '(again)', '(lost)', '(again)'])
})

it('asks no more once it is stopped', async () => {
  const leaving = new AbortController()
  const { fetch, over } = run([body(new Error('cut'))], leaving.signal)
  leaving.abort()
  await expect(over).rejects.toThrow()
  expect(fetch).toHaveBeenCalledTimes(1)
})
