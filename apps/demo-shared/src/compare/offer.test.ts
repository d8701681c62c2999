import { expect, test, vi } from 'vitest'
import { createOffer } from './offer'

const models = [{ name: 'steady' }, { name: 'swift' }]
const answers = (...given: readonly (Response | Error)[]) => {
  const left = [...given]
  return vi.fn(async () => {
    const answer = left.shift()!
    if (answer instanceof Error) throw answer
    return answer
  })
}

test('the models are asked for when somebody looks, once for all', async () => {
  const fetcher = answers(Response.json({ models }))
  const offer = createOffer(fetcher)
  expect(fetcher).not.toHaveBeenCalled()
  expect(offer.get()).toEqual({ state: 'loading', models: [] })
  const heard = vi.fn()
  offer.subscribe(heard)
  offer.subscribe(() => {})()
  await expect.poll(() => offer.get()).toEqual({ state: 'ready', models })
  expect(fetcher).toHaveBeenCalledTimes(1)
  expect(heard).toHaveBeenCalled()
})

test.each([
  ['a server that is away', new Error('refused')],
  ['a refusal', new Response('', { status: 503 })],
  ['something else than a list', new Response('<html>')],
  ['an empty list', Response.json({ models: [] })],
])('%s is a failure, and may be asked again', async (_, answer) => {
  const offer = createOffer(answers(answer, Response.json({ models })))
  offer.subscribe(() => {})
  await expect.poll(() => offer.get().state).toBe('failed')
  await offer.load()
  expect(offer.get()).toEqual({ state: 'ready', models })
})
