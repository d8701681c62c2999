import { expect, it } from 'vitest'
import { type Commands, createCommands } from './commands'
import { classify } from './failure'

const script = { name: 'one', source: 'return 1' }
const hash = 'e0e1f9fabfc9d4800c877a703b823ac0578ff8db'

/** A Redis that answers what it is told to, in turn, and then with its last answer. */
function scripted(answers: readonly (unknown | Error)[], timeout = 200) {
  const sent: (readonly string[])[] = []
  const told: string[] = []
  const commands: Commands = createCommands({
    connection: {
      async send(args) {
        const answer = answers[Math.min(sent.length, answers.length - 1)]
        sent.push(args)
        if (answer instanceof Error) throw answer
        return answer
      },
    },
    timeout,
    now: () => performance.now(),
    random: () => 0,
    onUnreachable: () => told.push('unreachable'),
    onReachable: () => told.push('reachable'),
    onSilent: () => told.push('silent'),
  })
  return { commands, sent, told }
}

it.each([
  ['LOADING Redis is loading the dataset in memory', 'passing'],
  ["READONLY You can't write against a read only replica.", 'passing'],
  ['BUSY Redis is busy running a script.', 'passing'],
  ['MOVED 3999 127.0.0.1:6381', 'passing'],
  ['TRYAGAIN Multiple keys request during rehashing of slot', 'passing'],
  ['Socket closed unexpectedly', 'passing'],
  ['Command timed out', 'passing'],
  ['connect ECONNREFUSED 127.0.0.1:6379', 'passing'],
  ["OOM command not allowed when used memory > 'maxmemory'.", 'full'],
  ['WRONGTYPE Operation against a key holding the wrong kind of value', 'permanent'],
  ['ERR unknown command', 'permanent'],
  ['NOAUTH Authentication required.', 'permanent'],
])('[R91] "%s" is %s', (message, failure) => {
  expect(classify(new Error(message))).toBe(failure)
})

it('[R91] sends the very same command again until it is answered, and tells of that once', async () => {
  const { commands, sent, told } = scripted([new Error('LOADING'), new Error('read ECONNRESET'), ['ok']])
  const options = { keys: ['k'], args: ['a', 1] }
  expect(await commands.run(script, options)).toEqual(['ok'])
  expect(sent).toEqual(Array(3).fill(['EVALSHA', hash, '1', 'k', 'a', '1']))
  expect(told).toEqual(['unreachable', 'reachable'])
})

it('[R91] sends the script itself where Redis does not know it', async () => {
  const { commands, sent } = scripted([new Error('NOSCRIPT No matching script.'), ['ok']])
  await commands.run(script, { keys: ['k'] })
  expect(sent).toEqual([
    ['EVALSHA', hash, '1', 'k'],
    ['EVAL', script.source, '1', 'k'],
  ])
})

it('repeats nothing that Redis will refuse again', async () => {
  const { commands, sent } = scripted([new Error('WRONGTYPE Operation')])
  await expect(commands.run(script, { keys: [] })).rejects.toThrow('WRONGTYPE')
  expect(sent).toHaveLength(1)
})

it('[R94] answers a request with 503 after its time, and leaves a repetition at that', async () => {
  const { commands, sent } = scripted([new Error('connection lost')], 120)
  await expect(commands.ask(script, { keys: [] })).rejects.toMatchObject({ status: 503, retryAfter: 1000 })
  const before = sent.length
  commands.wake()
  await new Promise((resolve) => setTimeout(resolve, 60))
  expect(sent).toHaveLength(before)
})

it('tries at once when it is woken, and no more when it is closed', async () => {
  const { commands, sent } = scripted([...Array(6).fill(new Error('connection lost')), ['ok'], new Error('lost')])
  const running = commands.run(script, { keys: [] })
  const waking = setInterval(commands.wake, 1)
  expect(await running).toEqual(['ok'])
  clearInterval(waking)
  const endless = commands.run(script, { keys: [] })
  await new Promise((resolve) => setTimeout(resolve, 1))
  commands.close()
  await expect(endless).rejects.toMatchObject({ status: 503, reason: 'closing' })
  await expect(commands.send(['PING'])).rejects.toMatchObject({ status: 503 })
  expect(sent).toHaveLength(8)
})

it('[R97] is steady only while every command is answered', async () => {
  const { commands } = scripted([['ok'], ...Array(4).fill(new Error('lost')), ['ok']])
  await commands.run(script, { keys: [] })
  expect(commands.steadySince()).toBeLessThan(performance.now())
  const running = commands.run(script, { keys: [] })
  await expect.poll(commands.steadySince).toBe(Number.POSITIVE_INFINITY)
  const before = performance.now()
  await running
  expect(commands.steadySince()).toBeGreaterThan(before)
})
