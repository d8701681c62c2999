import { StreamError } from '@keepstream/core'
import { check, checkCount, checkNames, checkNumber } from '../option'

/** What is to be tested, and what the suite may know of it. */
export interface ConformanceOptions {
  /** Where the server is, such as `http://127.0.0.1:3000`. */
  readonly baseUrl: string | URL
  /** The route to start answers at, such as `/api/chat`. Default: the path of `baseUrl`. */
  readonly route?: string
  /** Sent with each request, such as `authorization`. */
  readonly headers?: Readonly<Record<string, string>>
  /** The same server as somebody else: without them nothing is said about tenants and users. */
  readonly otherHeaders?: Readonly<Record<string, string>>
  /** A second node on the same log: without it nothing is said about nodes. */
  readonly otherBaseUrl?: string | URL
  /** Inputs of a route that does not run scripts: one whose answer ends soon, and one whose answer goes on for a while. */
  readonly inputs?: { readonly short: unknown; readonly long: unknown }
  /** The path or address of `keepstream.v1`, such as `/api/socket`: without it nothing is said about WebSockets. */
  readonly socket?: string
  /** The origin of a page that the server serves: without it nothing is said about CORS. */
  readonly origin?: string
  /** Where `/healthz` and `/readyz` are: without it nothing is said about them. */
  readonly operations?: string | URL
  /** Shuts the server down; resolves when it has begun to. Without it nothing is said about shutting down. */
  readonly drain?: () => void | Promise<void>
  /** The bounds of the server where they are not those of PROTOCOL.md: bytes of a body, of an entry, exchanges of a socket. */
  readonly limits?: { readonly bodyBytes?: number; readonly entryBytes?: number; readonly exchanges?: number }
  /** How long to wait for anything, in milliseconds. Default 5,000. What takes the server longer is not applicable. */
  readonly patience?: number
  /** Only the checks of these clauses, such as `['R16']`. */
  readonly only?: readonly string[]
  /** Not the checks of these clauses. */
  readonly except?: readonly string[]
}

export interface Settings extends Omit<ConformanceOptions, 'baseUrl' | 'otherBaseUrl' | 'limits'> {
  readonly origins: readonly [URL, ...URL[]]
  readonly route: string
  readonly headers: Readonly<Record<string, string>>
  readonly patience: number
  readonly limits: { readonly bodyBytes: number; readonly entryBytes: number; readonly exchanges: number }
}

const names =
  'baseUrl route headers otherHeaders otherBaseUrl inputs socket origin operations drain limits patience only except'

/** The options with their defaults, checked. Throws a `StreamError` with the code `option`. */
export function resolveOptions(options: ConformanceOptions): Settings {
  checkNames('', options, names)
  const { baseUrl, otherBaseUrl, patience = 5_000, headers = {}, limits = {} } = options
  const base = address('baseUrl', baseUrl)
  const route = options.route ?? base.pathname.replace(/\/$/, '')
  check(/^\/[^?#\s]+$/.test(route), 'route', route, 'Give the path to start answers at, such as "/api/chat".')
  checkNumber('patience', patience, 'Give milliseconds.', 1)
  checkNames('limits.', limits, 'bodyBytes entryBytes exchanges')
  for (const [name, value] of Object.entries(limits)) checkCount(`limits.${name}`, value, 'Give a whole number.', 1)
  for (const name of ['only', 'except'] as const) {
    for (const clause of options[name] ?? []) check(/^R\d+$/.test(clause), name, clause, 'Give clauses, as in "R16".')
  }
  const origins: [URL, ...URL[]] = [new URL(base.origin)]
  if (otherBaseUrl !== undefined) origins.push(new URL(address('otherBaseUrl', otherBaseUrl).origin))
  if (options.operations !== undefined) address('operations', options.operations)
  const bounds = { bodyBytes: 1024 * 1024, entryBytes: 256 * 1024, exchanges: 100, ...limits }
  return { ...options, origins, route, headers, patience, limits: bounds }
}

function address(name: string, value: unknown): URL {
  const text = String(value)
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return new URL(text)
  throw new StreamError('option', `Option \`${name}\` is no address. Give one such as http://127.0.0.1:3000/api/chat.`)
}
