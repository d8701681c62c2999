import { type Exchange, httpError, jsonReply, type Reply } from '../exchange'
import type { Hub } from '../hub'
import { admit } from './admission'

/** Of somebody with more streams than this, the newest are listed. */
const most = 100

/**
 * `GET {route}/streams`: the live streams of whoever asks, the newest first, so that another tab or device finds them.
 * Throws an `http` error with status 404 where nobody is told from anybody else: the list would be everybody's.
 */
export async function list(hub: Hub, path: string, exchange: Exchange): Promise<Reply> {
  const principal = hub.authorize && (await admit(hub, exchange, 'list', path))
  if (principal?.user === undefined) {
    throw httpError(404, 'not_found', 'There is no list of streams where the server knows no users.')
  }
  const { tenant, user } = principal
  const live = (await hub.list({ tenant, user })).filter(({ owner, terminal }) => owner.route === path && !terminal)
  const streams = live
    .slice(0, most)
    .map(({ id, createdAt, head }) => ({ id, location: `${path}/streams/${id}`, state: 'live', createdAt, head }))
  return jsonReply(200, { streams })
}
