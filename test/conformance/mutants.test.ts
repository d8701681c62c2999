import { type ConformanceOptions, runConformance } from '@keepstream/testing/conformance'
import { describe, expect, test } from 'vitest'
import { mutants } from './mutants'
import { serve, webListener } from './serve'
import { relaySockets, socketMutants } from './socket-mutants'

const socketClauses = ['R51', 'R52', 'R54', 'R55', 'R56', 'R57', 'R59']

/** The clauses of each check that fails, in their order. */
async function failures(options: ConformanceOptions): Promise<readonly string[]> {
  const { checks } = await runConformance(options)
  return checks.filter(({ outcome }) => outcome === 'fail').map(({ clauses }) => clauses.join(' '))
}

/** Long enough for a machine that is busy, unless what is waited for does not come. */
const patienceWith = (silent = false) => (silent ? 4_000 : 20_000)

const mentions = (clause: string) => (clauses: string) => clauses.split(' ').includes(clause)

describe('the conformance suite', () => {
  test.concurrent.for(mutants)('[$clause] sees a server that $wrong, and blames nothing else', async (mutant) => {
    const { clause, respond, options, fails, silent } = mutant
    await using served = await serve({
      listener: (handler) => webListener(respond ? async (request) => respond(request, handler) : handler),
      ...options,
    })
    const { baseUrl, headers, otherHeaders, origin, drain } = served
    const failed = await failures({ baseUrl, headers, otherHeaders, origin, drain, patience: patienceWith(silent) })
    expect(failed).toEqual(fails)
    expect(failed.some(mentions(clause))).toBe(true)
  })

  test.concurrent.for(socketMutants)('[$clause] sees a socket that $wrong, and blames nothing else', async (mutant) => {
    await using served = await serve()
    using relay = await relaySockets(new URL('/api/socket', served.baseUrl.replace('http', 'ws')).href, mutant)
    const { baseUrl, headers, limits } = served
    const socket = `${relay.url}/api/socket`
    const failed = await failures({
      baseUrl,
      headers,
      limits,
      socket,
      only: socketClauses,
      patience: patienceWith(mutant.silent),
    })
    expect(failed).toEqual(mutant.fails)
    expect(failed.some(mentions(mutant.clause))).toBe(true)
  })
})
