/**
 * The address as the key of a bound. An IPv6 address counts as its first 64 bits, which is what one subscriber has at
 * least (RFC 6177), for with the rest anybody could be a new visitor each time; an IPv4 address as itself, however written.
 */
export function networkOf(address: string): string {
  const [plain = ''] = withoutPort(address.trim().slice(0, longest)).split('%')
  if (!plain.includes(':')) return plain
  const [left = [], right] = plain.split('::').map((half) => (half === '' ? [] : half.split(':')))
  // An IPv4 address at the end stands for two groups.
  const size = (groups: readonly string[]) => groups.length + (groups.at(-1)?.includes('.') ? 1 : 0)
  const zeros = right ? Math.max(0, 8 - size(left) - size(right)) : 0
  const groups = [...left, ...Array<string>(zeros).fill('0'), ...(right ?? [])]
  const mapped = /^(?:0+:){5}ffff:(?:([\d.]+)|([\da-f]{1,4}):([\da-f]{1,4}))$/i.exec(groups.join(':'))
  if (mapped) return mapped[1] ?? `${bytesOf(mapped[2]!)}.${bytesOf(mapped[3]!)}`
  const first = groups.slice(0, 4).map((group) => group.replace(/^0+(?=.)/, '').toLowerCase())
  return `${first.join(':')}::/64`
}

// More than any address has, so that a forged one does not fill the memory.
const longest = 64

/** Two bytes of an IPv4 address that is written as IPv6 (RFC 4291 §2.5.5.2). */
function bytesOf(group: string): string {
  const value = Number.parseInt(group, 16)
  return `${value >> 8}.${value & 0xff}`
}

/** Some proxies note the port as well: `192.0.2.1:1234`, `[2001:db8::1]:1234`. */
function withoutPort(address: string): string {
  const [, bracketed, dotted] = /^(?:\[([^\]]*)\](?::\d+)?|([\d.]+):\d+)$/.exec(address) ?? []
  return bracketed ?? dotted ?? address
}
