import { expect, it } from 'vitest'
import { checkVersion } from './version'

const telling = (info: string | Error) => ({
  async request() {
    if (info instanceof Error) throw info
    return info
  },
})

it.each(['6.2.14', '5.0.7', '2.8.24'])('refuses Redis %s in a sentence', async (version) => {
  const info = `# Server\r\nredis_version:${version}\r\nredis_mode:standalone\r\n`
  const message = `The Redis of redisLog is ${version}. Give one of 7.0 or newer.`
  await expect(checkVersion(telling(info) as never)).rejects.toMatchObject({ code: 'option', message })
})

it.each(['redis_version:7.0.15\r\n', 'redis_version:10.0\r\n', '', 'server_name:valkey\r\n'])(
  'takes %j',
  async (info) => {
    await checkVersion(telling(info) as never)
  },
)

it('takes one that says nothing of itself, and waits for one that cannot say it now', async () => {
  await checkVersion(telling(new Error("NOPERM User x has no permissions to run the 'info' command")) as never)
  await expect(checkVersion(telling(new Error('connection lost')) as never)).rejects.toThrow('connection lost')
})
