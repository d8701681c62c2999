// Durable Streams' own server, written to by its own client, and closed after the last token.
import { DurableStream } from '@durable-streams/client'
import { DurableStreamTestServer } from '@durable-streams/server'
import { generate } from '../answer'
import type { OpenOrigin } from './origin'

export const openOrigin: OpenOrigin = async () => {
  const server = new DurableStreamTestServer({ port: 0, host: '127.0.0.1' })
  const url = `${await server.start()}/answer`
  const stream = await DurableStream.create({ url, contentType: 'application/json', warnOnHttp: false })
  let calls = 0

  async function write() {
    for await (const { token } of generate().follow()) await stream.append(JSON.stringify(token))
    await stream.close()
  }

  return {
    url,
    calls: () => calls,
    // The first reader stands for the request that begins an answer in an application.
    onRequest() {
      if (calls > 0) return
      calls = 1
      // A client that gives up has the server closed while it is written to.
      write().catch(() => {})
    },
    close: () => server.stop(),
  }
}
