import { once } from 'node:events'
import { WebSocket } from 'ws'
import { type Fields, mismatch } from './mismatch'
import type { Settings } from './options'

/** A WebSocket to the server under test, message by message. */
export interface Socket {
  /** The subprotocol that the server chose. */
  readonly protocol: string
  readonly send: (message: Fields | string | Uint8Array) => void
  /** The next message that fits; others are passed over. Ends the check where none comes in time. */
  readonly until: (what: string, fits: (message: Fields) => boolean) => Promise<Fields>
  /** The code with which the server closes. Ends the check where it does not. */
  readonly closed: () => Promise<number>
  readonly leave: () => void
}

/** Opens a socket, or says with which status it was refused, and with what. */
export async function openSocket(
  { origins, socket, headers, patience }: Settings,
  extra: Readonly<Record<string, string>> = {},
  protocol = 'keepstream.v1',
): Promise<Socket | { readonly status: number; readonly text: string }> {
  const address = new URL(socket!, origins[0])
  address.protocol = address.protocol.replace('http', 'ws')
  const webSocket = new WebSocket(address, protocol, { headers: { ...headers, ...extra }, handshakeTimeout: patience })
  webSocket.on('error', () => undefined)
  const messages: Fields[] = []
  let notify: (() => void) | undefined
  let code: number | undefined
  webSocket.on('message', (data: Buffer) => {
    messages.push(JSON.parse(data.toString()) as Fields)
    notify?.()
  })
  webSocket.on('close', (closedWith) => {
    code = closedWith
    notify?.()
  })

  /** Looks after each message, and when the socket closes, until `look` finds something. */
  function wait<T>(what: string, look: () => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(mismatch(what, `nothing within ${patience} ms`)), patience)
      const settle = (outcome: () => void) => {
        clearTimeout(timer)
        notify = undefined
        outcome()
      }
      notify = () => {
        const found = look()
        if (found !== undefined) settle(() => resolve(found))
        else if (code !== undefined) settle(() => reject(mismatch(what, `the socket closed with ${code}`)))
      }
      notify()
    })
  }

  const refused = new Promise<{ readonly status: number; readonly text: string }>((resolve) => {
    webSocket.on('unexpected-response', async (request, response) => {
      let text = ''
      for await (const piece of response.setEncoding('utf8')) text += piece
      resolve({ status: response.statusCode!, text })
      request.destroy()
    })
  })
  const opened = once(webSocket, 'open').then(() => undefined)
  const refusal = await Promise.race([opened, refused]).catch((error: Error) => {
    throw mismatch('a WebSocket or a refusal', error.message)
  })
  opened.catch(() => undefined)
  if (refusal) return refusal
  return {
    protocol: webSocket.protocol,
    send: (message) =>
      webSocket.send(typeof message === 'string' || message instanceof Uint8Array ? message : JSON.stringify(message)),
    until: (what, fits) =>
      wait(what, () => {
        for (let message = messages.shift(); message; message = messages.shift()) if (fits(message)) return message
        return undefined
      }),
    closed: () => wait('the server to close the socket', () => code),
    leave: () => webSocket.terminate(),
  }
}
