import { expect, it } from 'vitest'
import { createEpoch, createStreamId } from './ids'

it('[R1] mints stream ids of 22 characters and 128 random bits', () => {
  const ids = new Set(Array.from({ length: 1000 }, createStreamId))
  expect(ids.size).toBe(1000)
  for (const id of ids) expect(id).toMatch(/^[A-Za-z0-9_-]{22}$/)
})

it('[R2] mints epochs of 8 characters, each of the alphabet as likely as the others', () => {
  const counts = new Map<string, number>()
  for (let index = 0; index < 5000; index++) {
    const epoch = createEpoch()
    expect(epoch).toMatch(/^[A-Za-z0-9]{8}$/)
    for (const character of epoch) counts.set(character, (counts.get(character) ?? 0) + 1)
  }
  // 40,000 draws from 62: 645 each. A bias of a modulo of 256 would make eight characters 25 % likelier.
  expect(Math.max(...counts.values()) / Math.min(...counts.values())).toBeLessThan(1.5)
  expect(counts.size).toBe(62)
})
