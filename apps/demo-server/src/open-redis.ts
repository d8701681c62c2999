import { StreamError } from '@keepstream/core'
import type { Log } from '@keepstream/server'
import { redisLog } from '@keepstream/server/redis'
import { createClient } from 'redis'

/** The log in Redis, once it answers. Throws an `option` error with a sentence where it does not. */
export async function openRedis(url: string): Promise<Log> {
  const client = createClient({ url })
  client.on('error', () => undefined) // The log tells what matters.
  const log = redisLog({ client })
  try {
    await log.check?.()
    return log
  } catch (cause) {
    await log.close?.()
    throw new StreamError('option', 'The Redis of REDIS_URL does not answer. Start it, or unset REDIS_URL.', { cause })
  }
}
