// `streamSSE` in a loop over a log, as an application does that has to let readers come back.
import { createAdaptorServer } from '@hono/node-server'
import { Hono } from 'hono'
import { streamSSE } from 'hono/streaming'
import { askedFor, type Contestant, heartbeat } from '../contestant'

export function hono(): Contestant {
  const log: string[] = []
  const waiting = new Set<() => void>()
  const app = new Hono()
  app.get('/', (context) =>
    streamSSE(context, async (stream) => {
      let position = askedFor(context.req.header('last-event-id'))
      const beats = setInterval(() => void stream.write(`:h ${log.length}\n\n`), heartbeat)
      stream.onAbort(() => clearInterval(beats))
      await stream.writeSSE({
        event: 'hello',
        data: `{"v":1,"position":${position}}`,
        id: `live-${position}`,
        retry: 2000,
      })
      while (!stream.aborted) {
        while (position < log.length) {
          const data = log[position++]!
          await stream.writeSSE({ event: 'text', data, id: `live-${position}` })
        }
        await new Promise<void>((resolve) => waiting.add(resolve))
      }
    }),
  )
  return {
    server: createAdaptorServer({ fetch: app.fetch }),
    path: '/',
    speaks: 'events',
    publish(text) {
      log.push(JSON.stringify(text))
      const woken = [...waiting]
      waiting.clear()
      for (const wake of woken) wake()
    },
  }
}
