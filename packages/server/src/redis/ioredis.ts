import { type Connection, type ConnectionEvents, type Emitter, listen } from './connection'

/** What the log uses of a `Redis` of `ioredis`. */
export interface IoredisClient extends Emitter {
  readonly status: string
  readonly options: { readonly keyPrefix?: string | undefined }
  call(command: string, ...args: string[]): Promise<unknown>
  duplicate(overrides?: object): IoredisClient
  subscribe(...channels: string[]): Promise<unknown>
  unsubscribe(...channels: string[]): Promise<unknown>
  disconnect(reconnect?: boolean): void
}

// It would give up commands after 20 attempts to connect. What it subscribes to again by itself nobody could await: where
// that fails, because the client is closed just then, the process would end.
const patient = { autoResubscribe: false, maxRetriesPerRequest: null, enableOfflineQueue: true, lazyConnect: false }

export function connectIoredis(
  client: IoredisClient,
  given: IoredisClient | undefined,
  { onMessage, onReady, onError }: ConnectionEvents,
): Connection {
  const subscriber = given ?? client.duplicate(patient)
  const channels = new Set<string>()
  const resubscribe = () => {
    if (given || channels.size === 0) onReady()
    else subscriber.subscribe(...channels).then(onReady, onError)
  }
  const deaf = [
    listen(client, { ready: onReady, error: onError }),
    listen(subscriber, { ready: resubscribe, error: onError, message: onMessage }),
  ]
  return {
    send: ([command = '', ...args]) => client.call(command, ...args),
    subscribe(channel) {
      channels.add(channel)
      return subscriber.subscribe(channel)
    },
    unsubscribe(channel) {
      channels.delete(channel)
      return subscriber.unsubscribe(channel)
    },
    reconnect() {
      for (const silent of [client, subscriber]) if (silent.status === 'ready') silent.disconnect(true)
    },
    close() {
      for (const leave of deaf) leave()
      if (given) return
      // Its last words, if it has any, are nobody's affair, and without a listener they would be printed.
      subscriber.on('error', () => undefined)
      subscriber.disconnect()
    },
  }
}
