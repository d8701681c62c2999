import { describe } from 'vitest'
import { boundCases } from './transport-bounds'
import type { TransportHarness } from './transport-harness'
import { leavingCases } from './transport-leaving'
import { openingCases } from './transport-opening'
import { readingCases } from './transport-reading'

/** What every transport does, over real sockets and a server that keeps what it says. */
export function transportContract(name: string, harness: Omit<TransportHarness, 'name'>): void {
  describe(`the transport ${name}`, () => {
    const named = { name, ...harness }
    openingCases(named)
    readingCases(named)
    boundCases(named)
    leavingCases(named)
  })
}
