import type { IncomingMessage } from 'node:http'

// No segment begins with a dot, which could lead to another, and nothing is written that a URL would write in another way.
const plain = /^((?:\/[\w~-][\w.~-]*)+)(\?[!-"$-~]*)?$/

/** The two parts of an address that need no URL to be read, as nearly all: to make one is most of what routing costs. */
export function readPlain(url: string): { readonly pathname: string; readonly search: string } | undefined {
  const [, pathname, search = ''] = plain.exec(url) ?? []
  return pathname === undefined ? undefined : { pathname, search }
}

/** Only path and query count, whatever a client puts before them. A host is needed to read them, and never trusted. */
export function readAddress(url: string): URL {
  // What nearly all requests send, read once.
  if (url.startsWith('/') && !url.includes('#')) return new URL(`http://localhost${url}`)
  const given = url.startsWith('/') ? `http://localhost${url}` : url
  const { pathname, search } = new URL(URL.canParse(given) ? given : 'http://localhost/')
  return new URL(`http://localhost${pathname.startsWith('/') ? pathname : '/'}${search}`)
}

/** One header of a request, joined where it came more than once. */
export function readHeader({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name]
  return Array.isArray(value) ? value.join(', ') : value
}

/** The headers of a request in the platform's form. */
export function webHeaders({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers()
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]!
    // The method and address of HTTP/2.
    if (!name.startsWith(':')) headers.append(name, rawHeaders[index + 1]!)
  }
  return headers
}
