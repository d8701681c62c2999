import { runConformance } from '@keepstream/testing/conformance'
import { describe, expect, test } from 'vitest'
import { mutants } from './mutants'
import { serve, webListener } from './serve'

describe('the conformance suite', () => {
  test.concurrent.for(mutants)('[$clause] sees a server that $wrong, and blames nothing else', async (mutant) => {
    const { clause, respond, options, fails } = mutant
    await using served = await serve({
      listener: (handler) => webListener(respond ? async (request) => respond(request, handler) : handler),
      ...options,
    })
    const { baseUrl, otherHeaders, drain } = served
    const { checks } = await runConformance({ baseUrl, otherHeaders, drain, patience: 4_000 })
    const failed = checks.filter(({ outcome }) => outcome === 'fail').map(({ clauses }) => clauses.join(' '))
    expect(failed).toEqual(fails)
    expect(failed.some((clauses) => clauses.split(' ').includes(clause))).toBe(true)
  })
})
