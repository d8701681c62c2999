import { check, checkNames } from '../option'

/** Where a proxy leads to. */
export interface Target {
  readonly host: string
  readonly port: number
}

/** A target, and what an address of the proxy must look like so that it can take the place of the target's own. */
export interface Route {
  readonly target: Target
  readonly addressAt: (port: number) => string
}

/** Reads `http://127.0.0.1:3000/v1`, `redis://127.0.0.1:6379` or `{ host, port }`. */
export function routeTo(target: string | Target): Route {
  if (typeof target === 'string') {
    const remedy = 'Give an address such as http://127.0.0.1:3000, or { host, port }.'
    check(URL.canParse(target), 'target', target, remedy)
    const { protocol, hostname, port, pathname } = new URL(target)
    check(hostname !== '' && (port !== '' || protocol === 'http:' || protocol === 'ws:'), 'target', target, remedy)
    const path = pathname === '/' ? '' : pathname
    return {
      target: { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port || 80) },
      addressAt: (own) => `${protocol}//127.0.0.1:${own}${path}`,
    }
  }
  check(typeof target === 'object' && target !== null, 'target', target, 'Give an address or { host, port }.')
  checkNames('target.', target, 'host port')
  const { host, port } = target
  check(typeof host === 'string' && host !== '', 'target.host', host, 'Give a name or an address.')
  check(Number.isInteger(port) && port > 0 && port < 65_536, 'target.port', port, 'Give a port from 1 to 65535.')
  return { target: { host, port }, addressAt: (own) => `http://127.0.0.1:${own}` }
}
