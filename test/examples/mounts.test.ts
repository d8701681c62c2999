import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { createHandler, createHub, type HubEvent, memoryLog } from '@keepstream/server'
import { toNodeListener } from '@keepstream/server/node'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { describe, expect, test } from 'vitest'

/** A hub with one route whose answer never ends, and the errors that it was told of. */
function mountable() {
  const failures: string[] = []
  const onEvent = (event: HubEvent) => {
    if (event.type === 'request-failed') failures.push(String((event.error as Error).message))
  }
  const hub = createHub({ log: memoryLog(), onEvent })
  const handler = createHandler(hub, {
    '/api/chat': ({ text, signal }) => {
      text('Hello.')
      return new Promise((resolve) => signal.addEventListener('abort', () => resolve()))
    },
  })
  return { hub, handler, failures, listener: toNodeListener(handler) }
}

async function listen(server: Server) {
  if (!server.listening) {
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
  }
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/chat`
}

const start = { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"messages":[]}' }

describe('a handler behind a parser that has read the body', () => {
  test('says so in Express, and where to mount it', async () => {
    const { hub, failures, listener } = mountable()
    const server = express().use(express.json()).all('/api/chat', listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const response = await fetch(await listen(server), start)
    expect(response.status).toBe(500)
    expect(failures).toEqual([expect.stringMatching(/read the body.*Mount the handler before any body parser/)])
    await hub.close({ drainTimeout: 0 })
    server.closeAllConnections()
    server.close()
  })

  test('says so in Fastify too', async () => {
    const { hub, failures, listener } = mountable()
    const app = Fastify({ forceCloseConnections: true })
    app.all('/api/chat', (request, reply) => {
      reply.hijack()
      listener(request.raw, reply.raw)
    })
    const url = await app.listen({ port: 0, host: '127.0.0.1' })
    const response = await fetch(`${url}/api/chat`, start)
    expect(response.status).toBe(500)
    expect(failures).toEqual([expect.stringMatching(/Mount the handler before any body parser/)])
    await hub.close({ drainTimeout: 0 })
    await app.close()
  })
})

test('a reader that leaves Hono without a word is forgotten, and its answer goes on', async () => {
  const { hub, handler } = mountable()
  const app = new Hono().all('/api/chat', (context) => handler(context.req.raw))
  const server = createAdaptorServer({ fetch: app.fetch }) as Server
  const leave = new AbortController()
  await fetch(await listen(server), { ...start, signal: leave.signal })
  expect(hub.counts()).toEqual({ generations: 1, readers: 1 })
  leave.abort()
  await expect.poll(() => hub.counts()).toEqual({ generations: 1, readers: 0 })
  await hub.close({ drainTimeout: 0 })
  server.closeAllConnections()
  server.close()
})
