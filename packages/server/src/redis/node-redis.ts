import { type Connection, type ConnectionEvents, type Emitter, listen } from './connection'

/** What the log uses of a client of `redis`, made by `createClient`. */
export interface NodeRedisClient extends Emitter {
  readonly isOpen: boolean
  readonly options?: { readonly keyPrefix?: unknown } | undefined
  connect(): Promise<unknown>
  sendCommand(args: readonly string[], options?: { timeout?: number; typeMapping?: object }): Promise<unknown>
  duplicate(): NodeRedisClient
  subscribe(channel: string, listener: (message: string, channel: string) => void): Promise<unknown>
  unsubscribe(channel: string, listener: (message: string, channel: string) => void): Promise<unknown>
  destroy(): void
}

// An abort signal per command costs more than the command (architecture.md): the log has time limits of its own. And
// replies are texts, whatever the application has its own mapped to.
const plain = { timeout: undefined, typeMapping: {} } as unknown as { timeout?: number; typeMapping: object }

export function connectNodeRedis(
  client: NodeRedisClient,
  given: NodeRedisClient | undefined,
  { onMessage, onReady, onError }: ConnectionEvents,
): Connection {
  const subscriber = given ?? client.duplicate()
  const deaf = [
    listen(client, { ready: onReady, error: onError }),
    listen(subscriber, { ready: onReady, error: onError }),
  ]
  const opened = new Set<NodeRedisClient>()
  const hear = (message: string, channel: string) => onMessage(channel, message)

  /**
   * Whoever made the client may open it later than the log. What nobody has opened by then, the log opens, and
   * closes.
   */
  function open(wanted: NodeRedisClient): void {
    if (wanted.isOpen) return
    opened.add(wanted)
    wanted.connect().catch(onError)
  }

  return {
    send(args) {
      open(client)
      return client.sendCommand(args, plain)
    },
    subscribe(channel) {
      open(subscriber)
      return subscriber.subscribe(channel, hear)
    },
    unsubscribe: async (channel) => subscriber.isOpen && subscriber.unsubscribe(channel, hear),
    close() {
      for (const leave of deaf) leave()
      for (const mine of opened) {
        // Its last words, if it has any, are nobody's affair, and without a listener they would end the process.
        mine.on('error', () => undefined)
        if (mine.isOpen) mine.destroy()
      }
    },
  }
}
