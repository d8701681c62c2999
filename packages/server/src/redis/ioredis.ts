import { type Connection, type ConnectionEvents, type Emitter, listen } from './connection'

/** What the log uses of a `Redis` of `ioredis`. */
export interface IoredisClient extends Emitter {
  readonly status: string
  readonly options: { readonly keyPrefix?: string | undefined }
  call(command: string, ...args: string[]): Promise<unknown>
  duplicate(overrides?: object): IoredisClient
  subscribe(...channels: string[]): Promise<unknown>
  unsubscribe(...channels: string[]): Promise<unknown>
  disconnect(): void
}

// It would give up its subscriptions after 20 attempts to connect.
const patient = { autoResubscribe: true, maxRetriesPerRequest: null, enableOfflineQueue: true, lazyConnect: false }

export function connectIoredis(
  client: IoredisClient,
  given: IoredisClient | undefined,
  { onMessage, onReady, onError }: ConnectionEvents,
): Connection {
  const subscriber = given ?? client.duplicate(patient)
  const deaf = [
    listen(client, { ready: onReady, error: onError }),
    listen(subscriber, { ready: onReady, error: onError, message: onMessage }),
  ]
  return {
    send: ([command = '', ...args]) => client.call(command, ...args),
    subscribe: (channel) => subscriber.subscribe(channel),
    unsubscribe: (channel) => subscriber.unsubscribe(channel),
    close() {
      for (const leave of deaf) leave()
      if (given) return
      // Its last words, if it has any, are nobody's affair, and without a listener they would be printed.
      subscriber.on('error', () => undefined)
      subscriber.disconnect()
    },
  }
}
