import { createHandler, createHub, memoryLog } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import { generate } from '../answer'
import { heartbeat } from '../gate'
import { type OpenOrigin, serve } from './origin'

export const openOrigin: OpenOrigin = async () => {
  let calls = 0
  const hub = createHub({ log: memoryLog(), heartbeat })
  const handler = createHandler(hub, {
    '/api/chat': async ({ text }) => {
      calls++
      for await (const { token } of generate().follow()) await text(token)
    },
  })
  const origin = await serve('/api/chat', () => calls, toNodeListener(handler))
  return {
    ...origin,
    close: async () => {
      await hub.close({ drainTimeout: 1 })
      origin.close()
    },
  }
}
