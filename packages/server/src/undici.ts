import { lookup as dnsLookup, type LookupAddress, type LookupAllOptions } from 'node:dns'
import { BlockList, type LookupFunction } from 'node:net'
import { StreamError } from '@keepstream/core'
import { Agent, fetch } from 'undici'
import { checkCount, checkFunction, checkNames } from './option'
import { privateAddress } from './relay/upstream'

export interface KeepAliveOptions {
  /** The most connections to one provider. Each carries one answer at a time; further requests wait for one. Default 256. */
  readonly connections?: number
  /** How long a connection without an answer is kept, where the provider says nothing else, in milliseconds. Default 60,000. */
  readonly keepAliveTimeout?: number
  /** The longest such time that a provider may ask for, in milliseconds. Default 600,000. */
  readonly keepAliveMaxTimeout?: number
  /** How long a connection may take to come about, TLS included, in milliseconds. Default 10,000. */
  readonly connectTimeout?: number
  /** Whether names may lead to private addresses, such as those of a cluster. Default false. */
  readonly allowPrivate?: boolean
  /** How names become addresses. Default `lookup` of `node:dns`. */
  readonly lookup?: Lookup
}

/** All addresses of a name, as `lookup` of `node:dns` gives them with `all`. */
export type Lookup = (
  hostname: string,
  options: LookupAllOptions,
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/** For the option `fetch` of a relay. */
export interface KeepAliveFetch {
  (url: string, init: RequestInit): Promise<Response>
  /** Closes what is idle, and the rest as it becomes idle. */
  readonly close: () => Promise<void>
}

const defaults = {
  connections: 256,
  keepAliveTimeout: 60_000,
  keepAliveMaxTimeout: 600_000,
  connectTimeout: 10_000,
  allowPrivate: false,
  lookup: dnsLookup as Lookup,
}

/**
 * A `fetch` over connections that are kept: that of Node forgets one after 4 seconds of rest, and the next answer then waits
 * for TCP and TLS. It refuses public names that lead to private addresses, as a name that somebody else has come to own
 * might; an address that stands in your configuration as numbers, or `localhost`, is meant. Not cut by the 5 minutes after
 * which Node gives up on a silent answer: the clocks of the relay do that.
 */
export function keepAliveFetch(options: KeepAliveOptions = {}): KeepAliveFetch {
  checkNames('keepAliveFetch', options, Object.keys(defaults))
  const { connections, allowPrivate, lookup, ...times } = { ...defaults, ...options }
  checkCount('keepAliveFetch.connections', connections, 1)
  // No timer of it lasts for ever.
  for (const [name, value] of Object.entries(times)) checkCount(`keepAliveFetch.${name}`, value, 1)
  if (typeof allowPrivate !== 'boolean') {
    throw new StreamError('option', `The option keepAliveFetch.allowPrivate is ${allowPrivate}. Give true or false.`)
  }
  checkFunction('keepAliveFetch.lookup', lookup)
  const { keepAliveTimeout, keepAliveMaxTimeout, connectTimeout } = times
  const agent = new Agent({
    connections,
    keepAliveTimeout,
    keepAliveMaxTimeout: Math.max(keepAliveTimeout, keepAliveMaxTimeout),
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: connectTimeout, lookup: addressesOf(lookup, allowPrivate) },
  })
  // The types of undici and of the platform describe the same objects.
  const keeping = (url: string, init: RequestInit) =>
    fetch(url, { ...(init as object), dispatcher: agent }) as unknown as Promise<Response>
  return Object.assign(keeping, { close: () => agent.close() })
}

/**
 * Hands over only addresses that it has looked at, so that a second answer of the name server cannot slip by. Literal
 * addresses are never looked up.
 */
function addressesOf(lookup: Lookup, allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    const trusted = allowPrivate || isLocalhost(hostname)
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return callback(error, '')
      const found = trusted ? undefined : addresses.find(isPrivate)
      if (found) {
        const remedy = 'Give keepAliveFetch({ allowPrivate: true }) where that is meant.'
        const sentence = `${hostname} leads to the private address ${found.address}. ${remedy}`
        return callback(Object.assign(new Error(sentence), { code: privateAddress }), '')
      }
      const [first] = addresses
      if (!first) return callback(Object.assign(new Error(`${hostname} has no address.`), { code: 'ENOTFOUND' }), '')
      if (options.all) return callback(null, addresses)
      callback(null, first.address, first.family)
    })
  }
}

// RFC 6761 §6.3: nothing but the machine itself.
const isLocalhost = (hostname: string) => /^(.*\.)?localhost\.?$/i.test(hostname)

const isPrivate = ({ address, family }: LookupAddress) => privateRanges.check(address, family === 6 ? 'ipv6' : 'ipv4')

/** What no provider on the internet has, by the registries of IANA for special-purpose addresses (RFC 6890). */
const privateRanges = new BlockList()
for (const [range, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 3],
] as const) {
  // Its IPv6 form `::ffff:…` is known to the list; this is the one that a translator makes of it (RFC 6052).
  privateRanges.addSubnet(range, prefix, 'ipv4')
  privateRanges.addSubnet(`64:ff9b::${range}`, 96 + prefix, 'ipv6')
}
for (const [range, prefix] of [
  ['::', 96],
  ['64:ff9b:1::', 48],
  // Tunnels that lead to any address of IPv4: Teredo and 6to4.
  ['2001::', 32],
  ['2002::', 16],
  ['fc00::', 7],
  ['fe80::', 10],
  ['fec0::', 10],
  ['ff00::', 8],
] as const)
  privateRanges.addSubnet(range, prefix, 'ipv6')
