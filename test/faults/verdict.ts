import type { Message, Snapshot } from '@keepstream/core'
import { expect } from 'vitest'
import type { Line } from './harness'
import type { Observed } from './observed'

/**
 * The definition of "pass": the state of an undisturbed run, a status that settled once, a model that was called once,
 * and nothing left behind. Returns the verdict in words. An answer that was asked for again goes through `pending` again.
 */
export async function expectWhole(
  line: Line,
  client: Observed,
  snapshot: Snapshot<Message>,
  calls = 1,
): Promise<string> {
  expect(snapshot.error).toBeUndefined()
  expect(snapshot.data).toEqual(await line.whole())
  const again = Array.from({ length: calls - 1 }, () => ['pending', 'streaming'] as const)
  expect(client.history).toEqual(['pending', 'streaming', ...again.flat(), 'done'])
  return verdict(line, client, snapshot, calls)
}

/** The other outcome that is true: told what happened, with the text up to there, which is a beginning of the answer. */
export async function expectCut(line: Line, client: Observed, snapshot: Snapshot<Message>, code: string, calls = 1) {
  expect(snapshot).toMatchObject({ status: 'interrupted', error: { code } })
  expect(client.history.filter((status) => status === 'interrupted')).toHaveLength(1)
  expect((await line.whole()).text.startsWith(snapshot.data.text)).toBe(true)
  expect(snapshot.data.text).not.toBe('')
  return `${await verdict(line, client, snapshot, calls)}, text kept`
}

export async function verdict(
  line: Line,
  client: Observed,
  { status }: Snapshot<Message>,
  calls: number,
): Promise<string> {
  expect(line.model.calls).toBe(calls)
  expect(client.stream.get()).toMatchObject({ status, connection: { state: 'closed' } })
  await line.settled()
  const error = client.stream.get().error
  const word = error ? `${status} \`${error.code}\`` : status
  return `${word}, ${['no call', 'one call', 'two calls'][calls] ?? `${calls} calls`}`
}
