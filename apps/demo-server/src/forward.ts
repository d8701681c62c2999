import { Agent, type IncomingMessage, request, type ServerResponse } from 'node:http'

// A connection for each request, as if there were nobody in between.
const agent = new Agent({ keepAlive: false })

const hopByHop = /^(connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade)$/

/**
 * Passes a request on to a server at `port` of this machine, byte for byte as it comes. Where that server is not there, or
 * dies, whoever asked sees what they would have seen of it: a connection that is reset.
 */
export function forward(incoming: IncomingMessage, outgoing: ServerResponse, port: number | undefined): void {
  const reset = () => void incoming.socket.resetAndDestroy()
  if (port === undefined) {
    reset()
    return
  }
  const { method, url: path, headers } = incoming
  const asked = request({ host: '127.0.0.1', port, method, path, headers, agent })
  asked.on('error', reset)
  asked.on('response', (answer) => {
    const kept = Object.entries(answer.headers).filter(([name]) => !hopByHop.test(name))
    outgoing.writeHead(answer.statusCode!, Object.fromEntries(kept) as Record<string, string | string[]>)
    outgoing.flushHeaders()
    answer.on('error', reset)
    answer.pipe(outgoing)
  })
  outgoing.on('error', () => undefined)
  outgoing.once('close', () => asked.destroy())
  incoming.pipe(asked)
}
