import fc from 'fast-check'
import { expect, it } from 'vitest'
import { networkOf } from './network'

it.each([
  ['192.0.2.1', '192.0.2.1'],
  ['192.0.2.1:1234', '192.0.2.1'],
  [' 192.0.2.1 ', '192.0.2.1'],
  ['::ffff:192.0.2.1', '192.0.2.1'],
  ['::FFFF:192.0.2.1', '192.0.2.1'],
  ['::ffff:c000:201', '192.0.2.1'],
  ['0:0:0:0:0:ffff:c000:0201', '192.0.2.1'],
  ['0000:0000:0000:0000:0000:ffff:192.0.2.1', '192.0.2.1'],
  ['::ffff:0:192.0.2.1', '0:0:0:0::/64'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
  ['[2001:db8:1:2::9]:443', '2001:db8:1:2::/64'],
  ['2001:db8::9', '2001:db8:0:0::/64'],
  ['2001:db8::9%eth0', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['::', '0:0:0:0::/64'],
  ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
  ['unknown', 'unknown'],
  ['', ''],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

it('is the same for all addresses of one /64, and another for each /64', () => {
  const group = fc.integer({ min: 0, max: 0xffff }).map((value) => value.toString(16))
  const half = fc.array(group, { minLength: 4, maxLength: 4 })
  fc.assert(
    fc.property(half, half, half, half, (network, other, one, two) => {
      // Those of IPv4 have their own rule.
      fc.pre(network.join() !== '0,0,0,0' && network.join() !== other.join())
      const full = (...halves: string[][]) => halves.flat().join(':')
      expect(networkOf(full(network, one))).toBe(networkOf(full(network, two)))
      expect(networkOf(full(network, one))).not.toBe(networkOf(full(other, one)))
    }),
  )
})

it('is short, whatever is given', () => {
  fc.assert(fc.property(fc.string({ maxLength: 20_000 }), (text) => networkOf(text).length < 100))
  expect(networkOf(':'.repeat(20_000)).length).toBeLessThan(100)
})
