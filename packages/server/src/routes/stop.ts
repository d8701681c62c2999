import type { Terminal } from '../entry'
import { type Exchange, httpError, jsonReply, type Reply } from '../exchange'
import type { Hub } from '../hub'
import { admit, admitToStream, readKey, scopedKey } from './admission'

/** `POST {route}/streams/{id}/stop`: ends an answer and replies with how it ended, however often it is asked. */
export async function stop(hub: Hub, path: string, id: string, exchange: Exchange): Promise<Reply> {
  const { stream } = await admitToStream(hub, exchange, 'stop', path, id)
  return jsonReply(200, terminalEntry(await hub.stop(stream)))
}

/** `POST {route}/stop`: the same by the key of the start, which may not have arrived yet, and then finds itself stopped. */
export async function stopByKey(hub: Hub, path: string, exchange: Exchange): Promise<Reply> {
  const key = readKey(exchange)
  if (key === undefined)
    throw httpError(400, 'key_missing', 'Send the Idempotency-Key of the start that is to be stopped.')
  const principal = await admit(hub, exchange, 'stop', path)
  const owner = { route: path, tenant: principal.tenant, user: principal.user }
  const { terminal, early } = await hub.stopKey({ owner, key: scopedKey(path, principal, key) })
  return early ? jsonReply(202, { state: terminal.data.state }) : jsonReply(200, terminalEntry(terminal))
}

const terminalEntry = ({ id, data }: Terminal) => ({ id, event: 'end', data })
