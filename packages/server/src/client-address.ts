import type { Exchange } from './exchange'

/**
 * Which address of a client counts. A number: so many proxies stand before the server, each of which appends the address
 * of its own client to `X-Forwarded-For`. A function: what it says, where the platform knows better.
 */
export type TrustProxy = number | ((request: Request) => string | undefined)

/** The same request, from the address that counts. */
export function seenFrom(exchange: Exchange, trustProxy: TrustProxy): Exchange {
  if (trustProxy === 0) return exchange
  // Not a copy: the request in the platform's form is made when somebody asks for it.
  return Object.create(exchange, { address: { value: addressOf(exchange, trustProxy) } })
}

function addressOf(exchange: Exchange, trustProxy: TrustProxy): string | undefined {
  if (typeof trustProxy === 'function') {
    const address: unknown = trustProxy(exchange.request)
    return typeof address === 'string' && address !== '' ? address : undefined
  }
  // What a client has written there by itself stands further left.
  const noted = (exchange.header('x-forwarded-for') ?? '').split(',').map((address) => address.trim())
  return (noted.at(-trustProxy) ?? noted[0]) || exchange.address
}
