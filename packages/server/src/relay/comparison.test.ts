import { createStream, keepstream } from '@keepstream/core'
import { expect, it } from 'vitest'
import { answer, modelOf, question, reduced, relayOf, upstreamOf } from '../../test/relayed'
import { allEvents, until } from '../../test/served'
import type { RelayOptions } from './options'

const second = 'The other one says this.'
const prices = { a: { input: 1, output: 2 }, b: { input: 10, output: 20 } }

async function compared(options: Partial<RelayOptions> = {}, pace: { readonly tokensPerSecond?: number } = {}) {
  const one = await modelOf({ answer: { text: answer, reasoning: 'Hm.' }, ...pace })
  const two = await modelOf({ answer: { text: second, toolCalls: [{ name: 'look', arguments: {} }] }, ...pace })
  const { served, eventsOf } = await relayOf({
    upstreams: [upstreamOf(one, ['a', 'c']), upstreamOf(two, ['b'], 'anthropic')],
    prices,
    maxRetries: 0,
    ...options,
  })
  const start = (models: unknown, more: object = {}) => served.start({ ...question, models, ...more })
  return { one, two, served, eventsOf, start }
}

it('[R69] several models answer one request, each as a choice with its own finish and usage', async () => {
  const { one, two, eventsOf, start } = await compared()
  const { textOf, of, end } = reduced(await allEvents(await start(['a', 'b'])))
  expect([textOf(0), textOf(1)]).toEqual([answer, second])
  expect(of('finish')).toEqual(expect.arrayContaining([{ reason: 'stop' }, { reason: 'tool-calls', choice: 1 }]))
  expect(of('tool-call')[0]).toMatchObject({ name: 'look', choice: 1 })
  expect(of('comparison')[0]).toEqual({
    choices: [
      { model: 'a', state: 'pending' },
      { model: 'b', state: 'pending' },
    ],
  })
  const { choices } = of('comparison').at(-1) as {
    choices: { usage: { outputTokens: number; cost: { amount: number } } }[]
  }
  expect(choices).toMatchObject([
    { model: 'a', state: 'done', usage: { outputTokens: one.ledger[0]!.tokensSent } },
    { model: 'b', state: 'done', usage: { outputTokens: two.ledger[0]!.tokensSent } },
  ])
  expect(end).toMatchObject({ state: 'done', usage: of('usage').at(-1) })
  const sum = choices.reduce((total, { usage }) => total + usage.cost.amount, 0)
  expect(end.usage.cost.amount).toBeCloseTo(sum, 12)
  expect(
    eventsOf('usage')
      .map((event) => 'model' in event && event.model)
      .sort(),
  ).toEqual(['a', 'b'])
})

it('[R69] a client of the core has them as alternatives', async () => {
  const { served } = await compared()
  const stream = createStream({ protocol: keepstream(), url: `${served.url}/api/chat` })
  const { data } = await stream.start({ ...question, models: ['a', 'b'] })
  expect([data.text, data.alternatives[0]!.text]).toEqual([answer, second])
  expect(data.data.comparison).toMatchObject({ choices: [{ state: 'done' }, { state: 'done' }] })
})

it('[R69] one that fails is told as such, and ends none of the others', async () => {
  const { two, start } = await compared()
  two.next({ type: 'cut', afterTokens: 2 })
  const { textOf, of, end } = reduced(await allEvents(await start(['a', 'b'])))
  expect([textOf(0), second.startsWith(textOf(1)), end.state]).toEqual([answer, true, 'done'])
  expect(of('comparison').at(-1)).toMatchObject({
    choices: [
      { state: 'done' },
      { state: 'error', code: 'upstream_truncated', message: expect.stringMatching(/^The .*\.$/) },
    ],
  })
})

it('[R69] the answer fails where all of them do', async () => {
  const { one, two, start } = await compared()
  one.next({ type: 'status', status: 503 })
  two.next({ type: 'status', status: 503 })
  expect(reduced(await allEvents(await start(['a', 'b']))).end).toMatchObject({
    state: 'error',
    code: 'upstream_unavailable',
  })
})

it('[R69] no other model stands in for one that is compared', async () => {
  const { one, two, start } = await compared({ fallbacks: { b: ['a'] }, interruption: 'retract' })
  two.next({ type: 'status', status: 503 })
  const { textOf, end, of } = reduced(await allEvents(await start(['c', 'b'])))
  expect([textOf(0), textOf(1), end.state, of('retract').length]).toEqual([answer, '', 'done', 0])
  expect(one.calls).toBe(1)
})

it('[R37] a stop ends all of them', async () => {
  const { one, two, start, served } = await compared({}, { tokensPerSecond: 1 })
  const response = await start(['a', 'b'])
  await until(() => one.calls + two.calls === 2)
  await served.get(`${response.headers.get('location')}/stop`, { method: 'POST' })
  await Promise.all([one.waitForAbort(), two.waitForAbort()])
  expect(reduced(await allEvents(response)).end.state).toBe('stopped')
})

it.each([
  [['a'], {}, 'models: Give an array of 2 to 3 models.'],
  [['a', 'b', 'c', 'a'], {}, 'models: Give an array of 2 to 3 models.'],
  ['a', {}, 'models: Give an array of 2 to 3 models.'],
  [['a', 'x'], {}, 'models[1]: Choose one of a, c, b.'],
  [['a', 'a'], {}, 'models: Name each model once.'],
  [['a', 'b'], { model: 'a' }, 'models: Give either model or models.'],
  [['a', 'b'], { seed: 1 }, 'seed: This is not allowed.'],
  [['a', 'c'], { n: 2 }, 'n: Leave it out where several models are asked.'],
])('[R43] what may be compared is not %j with %j', async (models, more, message) => {
  const { one, start } = await compared({ maxCompared: 3, parameters: ['seed', 'n'] })
  const response = await start(models, more)
  expect([response.status, await response.json()]).toEqual([
    400,
    { error: { code: 'invalid_input', message: expect.stringContaining(message) } },
  ])
  expect(one.ledger).toHaveLength(0)
})

it('nothing is compared where the application does not want that', async () => {
  const { start } = await compared({ maxCompared: 1 })
  expect(await (await start(['a', 'b'])).json()).toMatchObject({
    error: { message: 'models: This server compares no models. Name one in model.' },
  })
})
