import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** What is to be done when a connection closes, on behalf of requests that wait for others on it. */
const waiting = new WeakMap<Socket, Set<() => void>>()

/** Whether nobody is there any more to take a response of `node:http`. */
export const hasDeparted = (response: ServerResponse): boolean =>
  response.destroyed || (isWaiting(response) && response.req.socket.destroyed)

/** Calls `listener` when the client is gone, soon where it is already. Returns a function that forgets it. */
export function onDeparture(response: ServerResponse, listener: () => void): () => void {
  // The request never says 'close' once its body was read: the response does.
  response.on('close', listener)
  // But not where it waits for others on its connection (pipelining), and the connection closes before its turn.
  const forgetTurn = isWaiting(response) ? onClose(response.req.socket, listener) : undefined
  if (forgetTurn) response.once('close', forgetTurn)
  let forgotten = false
  if (hasDeparted(response)) queueMicrotask(() => forgotten || listener())
  return () => {
    forgotten = true
    response.off('close', listener)
    forgetTurn?.()
  }
}

const isWaiting = (response: ServerResponse) =>
  response instanceof ServerResponse && !response.socket && !response.closed

/** One listener for each connection, however many requests wait on it. */
function onClose(connection: Socket, task: () => void): () => void {
  const tasks = waiting.get(connection) ?? new Set()
  if (!waiting.has(connection)) {
    waiting.set(connection, tasks)
    connection.once('close', () => {
      for (const each of tasks) each()
    })
  }
  tasks.add(task)
  return () => tasks.delete(task)
}
