import { expect, test, vi } from 'vitest'
import { burst, burstSize, send } from './send'

const server = (status = 201) => vi.fn(async (..._: Parameters<typeof fetch>) => new Response('{}', { status }))
const sent = ({ mock }: ReturnType<typeof server>) =>
  mock.calls.map(([url, init]) => [url, JSON.parse(String(init?.body)) as unknown])

test('goes to everybody, or to one client and to nobody else', async () => {
  const fetcher = server()
  expect(await send({ type: 'everyone' }, 'Hello', 'A1', fetcher)).toBe(true)
  expect(await send({ type: 'client', client: 'x'.repeat(22) }, 'Psst', 'A1', fetcher)).toBe(true)
  expect(sent(fetcher)).toEqual([
    ['/api/announcements', { text: 'Hello', from: 'A1' }],
    ['/api/inbox', { text: 'Psst', from: 'A1', client: 'x'.repeat(22) }],
  ])
})

test('a refusal and a server that is away are told', async () => {
  expect(await send({ type: 'everyone' }, '', 'A1', server(400))).toBe(false)
  expect(await send({ type: 'everyone' }, '', 'A1', () => Promise.reject(new Error('refused')))).toBe(false)
})

test('a burst is sent in order, and ends where it cannot go on', async () => {
  const fetcher = server()
  expect(await burst((number) => `No. ${number}`, 'A1', fetcher)).toBe(true)
  expect(sent(fetcher).map(([, body]) => (body as { text: string }).text)).toEqual(
    Array.from({ length: burstSize }, (_, index) => `No. ${index + 1}`),
  )
  const broken = server(503)
  expect(await burst((number) => `No. ${number}`, 'A1', broken)).toBe(false)
  expect(broken).toHaveBeenCalledTimes(1)
})
