import { StreamError } from '@keepstream/core'
import type { Commands } from './commands'
import { classify } from './failure'

/** Scripts that say what they may do, and `allow-oom` among it, are known from here on. */
const oldest = 7

/** Rejects where Redis is too old. Whoever may not ask for its version, or is not told, has to know it. */
export async function checkVersion(commands: Pick<Commands, 'request'>): Promise<void> {
  const info = await commands.request(['INFO', 'server']).catch((error) => {
    if (classify(error) === 'permanent') return ''
    throw error
  })
  const [, version, major] = /^redis_version:((\d+)[^\r\n]*)/m.exec(String(info)) ?? []
  if (version === undefined || Number(major) >= oldest) return
  throw new StreamError('option', `The Redis of redisLog is ${version}. Give one of 7.0 or newer.`)
}
