// The other side of the client benchmark, in a process of its own, so that its time is not counted.
// GET or POST /flood, or a path below: all events as fast as the socket takes them. /paced: one event in each turn of the
// event loop.
import { createServer, type ServerResponse } from 'node:http'
import { dataOnly, oneEventARead, openaiChunks, readsOf } from './event-streams'

const events = Number(process.argv[2])
const done = 'data: [DONE]\n\n'
const blocks = [...openaiChunks(events).map(dataOnly), done]
const flood = readsOf(16 * 1024)(blocks)
const paced = oneEventARead(blocks)

function write(response: ServerResponse, chunks: readonly Uint8Array[], turns: boolean, index = 0): void {
  for (let next = index; next < chunks.length; next++) {
    const free = response.write(chunks[next])
    const resume = () => write(response, chunks, turns, next + 1)
    if (!free) return void response.once('drain', resume)
    if (turns) return void setImmediate(resume)
  }
  response.end()
}

const server = createServer((request, response) => {
  request.resume()
  response.writeHead(200, { 'content-type': 'text/event-stream' })
  // Without it the kernel would join small writes while an acknowledgement is awaited.
  response.socket?.setNoDelay(true)
  if (request.url?.startsWith('/paced')) write(response, paced, true)
  else write(response, flood, false)
})

server.listen(0, '127.0.0.1', () => {
  const address = server.address()
  if (typeof address === 'object') process.send?.(address?.port)
})
process.once('disconnect', () => process.exit())
