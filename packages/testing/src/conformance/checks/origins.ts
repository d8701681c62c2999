import type { Check } from '../check'
import { demand } from '../mismatch'
import { finish, json, type Subject } from '../subject'

const needsOrigin = ({ settings }: Subject) =>
  settings.origin ? undefined : '`origin` does not say which pages the server serves'

const listOf = (value: string | undefined) => (value ?? '').toLowerCase().split(/\s*,\s*/)

function demandNames(what: string, value: string | undefined, names: readonly string[]) {
  const missing = names.filter((name) => !listOf(value).includes(name))
  demand(missing.length === 0, `${what} with ${names.join(', ')}`, value)
}

const stranger = 'https://stranger.invalid'

export const originChecks: readonly Check[] = [
  {
    clauses: ['R77'],
    title: 'lets the pages of a listed origin read, errors too, and names that origin alone',
    unless: needsOrigin,
    async run(subject) {
      const origin = subject.settings.origin!
      const { location } = await finish(subject)
      for (const path of [location, `${location}x`]) {
        const { headers } = await subject.ask(path, { headers: { origin, accept: json } })
        const allowed = headers['access-control-allow-origin']
        demand(allowed === origin, `Access-Control-Allow-Origin: ${origin} for ${path}`, allowed)
        const exposed = ['stream-id', 'location', 'retry-after', 'idempotent-replayed']
        demandNames('Access-Control-Expose-Headers', headers['access-control-expose-headers'], exposed)
      }
    },
  },
  {
    clauses: ['R77'],
    title: 'answers the preflight of a listed origin with its methods and headers',
    unless: needsOrigin,
    async run(subject) {
      const { origin = '', route } = { ...subject.settings }
      const asked = {
        origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'content-type',
      }
      const { status, headers } = await subject.ask(route, { method: 'OPTIONS', headers: asked })
      demand(status >= 200 && status < 300, 'a preflight that succeeds', status)
      demandNames('Access-Control-Allow-Methods', headers['access-control-allow-methods'], ['post'])
      const names = ['authorization', 'content-type', 'idempotency-key', 'last-event-id']
      demandNames('Access-Control-Allow-Headers', headers['access-control-allow-headers'], names)
    },
  },
  {
    clauses: ['R78'],
    title: 'refuses what a browser asks for any other page with 403',
    unless: needsOrigin,
    async run(subject) {
      const { location } = await finish(subject)
      for (const headers of [
        { origin: stranger },
        { 'sec-fetch-site': 'cross-site' },
        { 'sec-fetch-site': 'same-site' },
      ]) {
        const { status } = await subject.ask(location, { headers: { ...headers, accept: json } })
        demand(status === 403, `403 for ${JSON.stringify(headers)}`, status)
      }
      const own = await subject.ask(location, { headers: { 'sec-fetch-site': 'same-origin', accept: json } })
      demand(own.status === 200, "200 for the server's own page", own.status)
    },
  },
  {
    clauses: ['R77'],
    title: 'grants nothing to an origin that is not listed',
    async run(subject) {
      const { location } = await finish(subject)
      const { headers } = await subject.ask(location, { headers: { origin: stranger, accept: json } })
      demand(headers['access-control-allow-origin'] === undefined, 'no Access-Control-Allow-Origin', headers)
    },
  },
  {
    clauses: ['R79'],
    title: 'tells caches what its answers depend on',
    async run(subject) {
      const { location } = await finish(subject)
      const { headers } = await subject.page(location)
      demandNames('Vary', headers.vary, ['accept', 'authorization', 'cookie', 'last-event-id', 'origin'])
    },
  },
]
