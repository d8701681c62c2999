import { expect, it } from 'vitest'
import { serve } from '../test/served'

it('says how long a reply is that is no stream, so that half of it is not taken for all', async () => {
  await using served = await serve('node', ({ text }) => text('한 조각'))
  const accept = { accept: 'application/json' }
  const started = await served.start({}, accept)
  const page = await served.get(started.headers.get('location')!, { headers: accept })
  const missing = await served.get('/api/chat/streams/nobody', { headers: accept })
  for (const reply of [started, page, missing]) {
    const length = Number(reply.headers.get('content-length'))
    expect(length).toBe((await reply.arrayBuffer()).byteLength)
    expect(length).toBeGreaterThan(0)
  }
})
