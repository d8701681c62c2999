// Longer than most, why: what surrounds the streams, and how a server ends.
import { type Check, unsuited } from '../check'
import type { Answer } from '../http'
import { demand, type Fields } from '../mismatch'
import { dataOf, finish, mintKey, readSome, type Subject, startHeaders } from '../subject'

const post = (subject: Subject, body: string | readonly string[], headers: Readonly<Record<string, string>> = {}) =>
  subject.ask(subject.settings.route, { method: 'POST', headers: { ...startHeaders(mintKey()), ...headers }, body })

function demandHeaders(what: string, headers: Readonly<Record<string, string>>) {
  const directives = (headers['cache-control'] ?? '').split(/\s*,\s*/)
  const kept = ['no-cache', 'no-store', 'no-transform'].filter((name) => !directives.includes(name))
  demand(kept.length === 0, `Cache-Control of ${what} with no-cache, no-store, no-transform`, headers['cache-control'])
  demand(headers['x-content-type-options'] === 'nosniff', `X-Content-Type-Options: nosniff of ${what}`, headers)
}

function demandError(what: string, answer: Answer, status?: number) {
  if (status !== undefined) demand(answer.status === status, `${status} for ${what}`, answer.status)
  const { code, message } = ((answer.json() as Fields).error ?? {}) as Fields
  const told = typeof code === 'string' && typeof message === 'string' && /\S/.test(message)
  demand(told, `{"error":{"code","message"}} for ${what}`, answer.text)
}

export const aroundChecks: readonly Check[] = [
  {
    clauses: ['R41'],
    title: 'forbids caches and proxies to keep or change what it answers',
    async run(subject) {
      const { location, reading } = await subject.start(subject.short)
      demandHeaders('the event stream', reading.headers)
      demand(reading.headers['x-accel-buffering'] === 'no', 'X-Accel-Buffering: no', reading.headers)
      demand(reading.headers['content-encoding'] === undefined, 'no Content-Encoding', reading.headers)
      await reading.rest()
      demandHeaders('a page', (await subject.page(location)).headers)
      demandHeaders('a refusal', (await subject.page(`${location}x`)).headers)
      demandHeaders('a stop', (await subject.stop(location)).headers)
    },
  },
  {
    clauses: ['R42'],
    title: 'answers a known address with another method with 405 and Allow',
    async run(subject) {
      const { location } = await finish(subject)
      const { route } = subject.settings
      for (const [method, path, allowed] of [
        ['GET', route, 'POST'],
        ['DELETE', route, 'POST'],
        ['POST', location, 'GET'],
        ['GET', `${location}/stop`, 'POST'],
        ['GET', `${route}/stop`, 'POST'],
      ] as const) {
        const { status, headers } = await subject.ask(path, { method })
        demand(status === 405, `405 for ${method} ${path}`, status)
        demand((headers.allow ?? '').split(/\s*,\s*/).includes(allowed), `Allow with ${allowed} for ${path}`, headers)
      }
    },
  },
  {
    clauses: ['R43'],
    title: 'refuses a body above the limit with 413, with and without a length',
    async run(subject) {
      const { bodyBytes } = subject.settings.limits
      const large = JSON.stringify({ padding: 'x'.repeat(bodyBytes) })
      demandError('a body above the limit', await post(subject, large), 413)
      const half = large.length / 2
      demandError(
        'a body of unknown length above the limit',
        await post(subject, [large.slice(0, half), large.slice(half)]),
        413,
      )
    },
  },
  {
    clauses: ['R43'],
    title: 'refuses what is not declared as JSON with 415',
    async run(subject) {
      const body = JSON.stringify(subject.short)
      demandError('text', await post(subject, body, { 'content-type': 'text/plain' }), 415)
      demandError('a form', await post(subject, 'a=b', { 'content-type': 'application/x-www-form-urlencoded' }), 415)
    },
  },
  {
    clauses: ['R43'],
    title: 'refuses what is not JSON, and what is nested too deeply, with 400',
    async run(subject) {
      for (const body of ['', '{', '{"a":1,}', 'undefined', '\u0000'])
        demandError(JSON.stringify(body), await post(subject, body), 400)
      demandError('501 levels', await post(subject, '['.repeat(501) + ']'.repeat(501)), 400)
      demandError('100,000 levels', await post(subject, '['.repeat(100_000) + ']'.repeat(100_000)), 400)
    },
  },
  {
    clauses: ['R45'],
    title: 'says each refusal as JSON with a code and a sentence',
    async run(subject) {
      const { location, end } = await finish(subject)
      demandError(
        'a stream that does not exist',
        await subject.page(`${subject.settings.route}/streams/${'C'.repeat(22)}`),
        404,
      )
      demandError('another method', await subject.ask(location, { method: 'PUT' }), 405)
      demandError('an unknown position', await subject.page(location, 'x'), 400)
      demandError(
        'a position of another life',
        await subject.page(location, `${end.id}`.replace(/^\w+/, 'zzzzzzz')),
        410,
      )
      const key = mintKey()
      await post(subject, JSON.stringify(subject.short), { 'idempotency-key': key })
      demandError(
        'a key used twice',
        await post(subject, JSON.stringify(subject.long), { 'idempotency-key': key }),
        422,
      )
    },
  },
  {
    clauses: ['R10', 'R47'],
    title: 'interprets a position only inside the stream that is read',
    async run(subject) {
      const one = await finish(subject)
      const other = await finish(subject)
      const reading = await subject.read(other.location, one.end.id)
      const hello = dataOf(await reading.next())
      reading.leave()
      demand(hello.resumed === false, 'a position of another stream not to be honoured', hello)
    },
  },
]

export const operationChecks: readonly Check[] = [
  {
    clauses: ['R100'],
    title: 'says that it lives and is ready, in one word',
    unless: ({ settings }) =>
      settings.operations === undefined ? '`operations` does not say where it is asked for its health' : undefined,
    async run(subject) {
      for (const path of ['/healthz', '/readyz']) {
        const answer = await subject.ask(new URL(path, subject.settings.operations).href)
        const fields = answer.json() as Fields
        const word = typeof fields.status === 'string' && Object.keys(fields).length === 1
        demand(answer.status === 200 && word, `200 and {"status":"…"} for ${path}`, answer.text)
      }
    },
  },
]

/** These end what is tested, and so come last, one after the other. */
export const drainChecks: readonly Check[] = [
  {
    clauses: ['R46'],
    title: 'refuses new requests with 503 while it shuts down, and ends what is left as `lost`',
    unless: ({ settings }) => (settings.drain ? undefined : '`drain` does not say how to shut the server down'),
    async run(subject) {
      const { reading } = await subject.start(subject.long)
      await readSome(reading)
      await subject.settings.drain?.()
      const answer = await post(subject, JSON.stringify(subject.short))
      demandError('a start while it shuts down', answer, 503)
      demand(answer.headers['retry-after'] === '1', 'Retry-After: 1', answer.headers)
      if (subject.settings.operations !== undefined) {
        const ready = await subject.ask(new URL('/readyz', subject.settings.operations).href)
        demand(ready.status === 503 && ready.headers['retry-after'] === '1', '503 for /readyz', ready)
      }
      const last = (await reading.rest()).at(-1)
      if (last?.event === 'bye') throw unsuited('its readers are sent to another node')
      demand(last?.event === 'end' && dataOf(last).state === 'lost', '`end` lost to who was reading', last)
    },
  },
]
