// Longer than most, why: one line for each way in which a server can break the protocol, so that it is seen at a glance.
import { StreamError } from '@keepstream/core'
import type { Producer } from '@keepstream/server'
import { conformanceProducer } from '@keepstream/testing/conformance'
import type { Handle, ServeOptions } from './serve'

type Respond = (request: Request, answer: Handle) => Promise<Response> | Response

/** A server that breaks the protocol in one way. */
export interface Mutant {
  readonly clause: string
  /** What it does wrong. */
  readonly wrong: string
  /** Stands between the network and a handler that does everything right. */
  readonly respond?: Respond
  readonly options?: ServeOptions
  /** The clauses of each check that has to fail, in their order. */
  readonly fails: readonly string[]
  /** What the suite waits for does not come. */
  readonly silent?: boolean
}

/** The events of every event stream, block by block. What becomes of one block: itself, another, or nothing. */
const events =
  (change: (block: string, request: Request) => string | undefined): Respond =>
  async (request, answer) => {
    const response = await answer(request)
    if (!response.body || !/event-stream/.test(response.headers.get('content-type') ?? '')) return response
    let rest = ''
    const blocks = new TransformStream<string, string>({
      transform(text, controller) {
        const parts = (rest + text).split('\n\n')
        rest = parts.pop()!
        for (const part of parts) {
          const changed = change(part, request)
          if (changed !== undefined) controller.enqueue(`${changed}\n\n`)
        }
      },
    })
    const decoded = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(blocks)
    return new Response(decoded.pipeThrough(new TextEncoderStream()), response)
  }

/** The request with other headers; `undefined` takes one away. */
function withHeaders(request: Request, changes: Readonly<Record<string, string | undefined>>): Request {
  const headers = new Headers(request.headers)
  for (const [name, value] of Object.entries(changes)) {
    if (value === undefined) headers.delete(name)
    else headers.set(name, value)
  }
  return new Request(request, { headers })
}

const asks =
  (change: (request: Request) => Request): Respond =>
  (request, answer) =>
    answer(change(request))

/** The answers, changed where `which` says so. */
const answers =
  (
    which: (response: Response, request: Request) => boolean,
    change: (response: Response, request: Request) => Promise<Response> | Response,
  ): Respond =>
  async (request, answer) => {
    const response = await answer(request)
    return which(response, request) ? change(response, request) : response
  }

const status = (from: number, to: number) =>
  answers(
    ({ status }) => status === from,
    async ({ headers, body }) => new Response(to === 204 ? null : body, { status: to, headers }),
  )

const header = (name: string, value: (old: string) => string | undefined) =>
  answers(
    ({ headers }) => headers.has(name),
    (response) => {
      const headers = new Headers(response.headers)
      const changed = value(headers.get(name)!)
      if (changed === undefined) headers.delete(name)
      else headers.set(name, changed)
      return new Response(response.body, { status: response.status, headers })
    },
  )

const json = (
  change: (value: Record<string, unknown>) => unknown,
  which: (response: Response, request: Request) => boolean = () => true,
) =>
  answers(
    (response, request) =>
      /^application\/json/.test(response.headers.get('content-type') ?? '') && which(response, request),
    async (response) =>
      Response.json(change((await response.json()) as Record<string, unknown>), {
        status: response.status,
        headers: response.headers,
      }),
  )

const is = (name: string) => (block: string) => block.includes(`event: ${name}\n`)
const [isHello, isReset, isEnd] = [is('hello'), is('reset'), is('end')]
const path = (request: Request) => new URL(request.url).pathname
const producing = (produce: Producer) => ({ produce })

/** Runs a script, and does not mind what the log refuses. */
const careless: Producer = (context) => {
  const append = (event: string, data: unknown) => {
    try {
      return context.append(event, data)
    } catch {
      return undefined
    }
  }
  return conformanceProducer({ ...context, append })
}

const talkative: Producer = (context) =>
  Promise.resolve(conformanceProducer(context)).catch((error: Error) => {
    throw new StreamError('http', error.message, { reason: 'upstream' })
  })

/** So that no two streams have the same number. */
let turn = 0

export const mutants: readonly Mutant[] = [
  {
    clause: 'R1',
    wrong: 'numbers its streams',
    fails: ['R1', 'R31', 'R31', 'R76'],
    respond: header('stream-id', () => String(++turn)),
  },
  {
    clause: 'R2',
    wrong: 'has epochs that are too long',
    fails: ['R2', 'R9', 'R10 R16', 'R15 R16', 'R37', 'R38', 'R81'],
    respond: (request, answer) => {
      const position = request.headers.get('last-event-id')?.replace(/^(\w{8})x-/, '$1-')
      const lengthen = events((block) => block.replace(/^(id: \w{8})-/m, '$1x-'))
      return lengthen(position ? withHeaders(request, { 'last-event-id': position }) : request, answer)
    },
  },
  {
    clause: 'R3',
    wrong: 'skips a number before the end',
    fails: ['R3', 'R11 R22', 'R9', 'R14 R16', 'R16', 'R20', 'R21 R22', 'R64', 'R37', 'R38', 'R81'],
    respond: events((block) =>
      isEnd(block) ? block.replace(/^(id: \w+-)(\d+)$/m, (_, life, n) => `${life}${Number(n) + 1}`) : block,
    ),
  },
  {
    clause: 'R4',
    wrong: 'replays another text than it sent',
    fails: ['R4'],
    respond: events((block, { method }) => (method === 'GET' ? block.replace('Ein ', 'Ein') : block)),
  },
  {
    clause: 'R6',
    wrong: 'lets a value begin a line of its own',
    fails: ['R4', 'R6'],
    respond: events((block) => block.replace('\\r\\n', '\nid: 9')),
  },
  {
    clause: 'R7',
    wrong: 'leaves fields of a tool call out',
    fails: ['R7'],
    respond: events((block) => block.replace('"index":0,', '')),
  },
  {
    clause: 'R8',
    wrong: 'goes on after an event that it refused',
    fails: ['R6 R8', 'R8'],
    options: producing(careless),
  },
  {
    clause: 'R9',
    wrong: 'prefers the address to the header',
    fails: ['R9'],
    respond: asks((request) =>
      request.url.includes('after=') ? withHeaders(request, { 'last-event-id': undefined }) : request,
    ),
  },
  {
    clause: 'R10',
    wrong: 'fails at a long position',
    fails: ['R10 R16'],
    respond: (request, answer) =>
      (request.headers.get('last-event-id') ?? '').length > 1_000
        ? new Response(null, { status: 500 })
        : answer(request),
  },
  {
    clause: 'R11',
    wrong: 'leaves the version out of hello',
    fails: ['R11'],
    respond: events((block) => (isHello(block) ? block.replace('"v":1,', '') : block)),
  },
  {
    clause: 'R12',
    wrong: 'tells all clients to come back together',
    fails: ['R12'],
    options: { retry: { min: 1_500, max: 1_500 } },
  },
  {
    clause: 'R13',
    wrong: 'gives hello of a fresh read another id',
    fails: ['R13 R14', 'R14 R16'],
    respond: events((block) => (isHello(block) ? block.replace(/^(id: \w+-)0$/m, '$11') : block)),
  },
  {
    clause: 'R14',
    wrong: 'never says that it resumed',
    fails: ['R14 R16', 'R10 R14'],
    respond: events((block) => (isHello(block) ? block.replace('"resumed":true', '"resumed":false') : block)),
  },
  {
    clause: 'R15',
    wrong: 'leaves the id out of reset',
    fails: ['R10 R16', 'R15 R16'],
    respond: events((block) => (isReset(block) ? block.replace(/^id: .*\n/m, '') : block)),
  },
  {
    clause: 'R16',
    wrong: 'takes a position ahead of it for one of another life',
    fails: ['R15 R16'],
    respond: events((block) => (isReset(block) ? block.replace('"ahead"', '"epoch"') : block)),
  },
  {
    clause: 'R16',
    wrong: 'answers 200 where nothing is left',
    fails: ['R9', 'R16', 'R81'],
    respond: status(204, 200),
  },
  {
    clause: 'R17',
    wrong: 'does not say where to go on',
    fails: ['R16 R17'],
    respond: json(
      ({ next: _, ...rest }) => rest,
      ({ status }) => status >= 400,
    ),
  },
  {
    clause: 'R19',
    wrong: 'says another head in its heartbeats',
    fails: ['R19'],
    respond: events((block) => block.replace(/^:h \d+$/, ':h 99')),
  },
  {
    clause: 'R20',
    wrong: 'gives pages that lead nowhere',
    fails: ['R20', 'R20'],
    respond: json((page) => ('entries' in page ? { ...page, entries: [] } : page)),
  },
  {
    clause: 'R20',
    wrong: 'does not wait for an entry',
    fails: ['R20'],
    respond: asks((request) =>
      request.url.includes('wait=') ? new Request(request.url.replace('wait=10', ''), request) : request,
    ),
  },
  {
    clause: 'R21',
    wrong: 'ends twice',
    fails: ['R3', 'R6 R8', 'R8', 'R21 R22', 'R24', 'R44', 'R39 R40'],
    respond: events((block) => (isEnd(block) ? `${block}\n\n${block}` : block)),
  },
  {
    clause: 'R22',
    wrong: 'counts its end',
    fails: ['R21 R22', 'R22 R28', 'R64', 'R39 R40', 'R81'],
    respond: events((block) => block.replace(/"n":(\d+)/, (_, n) => `"n":${Number(n) + 1}`)),
  },
  {
    clause: 'R22',
    wrong: 'forgets usage in the end',
    fails: ['R22', 'R81'],
    respond: events((block) => (isEnd(block) ? block.replace(/,"usage":\{.*?\}/, '') : block)),
  },
  {
    clause: 'R24',
    wrong: 'says something after the end',
    fails: ['R21', 'R24', 'R31', 'R33', 'R37', 'R46'],
    respond: events((block) => (isEnd(block) ? `${block}\n\n:bye` : block)),
  },
  { clause: 'R28', wrong: 'repeats what the upstream said', fails: ['R22 R28'], options: producing(talkative) },
  {
    clause: 'R29',
    wrong: 'cuts long keys off',
    fails: ['R29'],
    respond: asks((request) => {
      const key = request.headers.get('idempotency-key')
      return key && key.length > 255 ? withHeaders(request, { 'idempotency-key': key.slice(1) }) : request
    }),
  },
  {
    clause: 'R30',
    wrong: 'starts anew for each request that prefers JSON',
    fails: ['R30'],
    respond: asks((request) =>
      request.headers.get('accept') === 'application/json'
        ? withHeaders(request, { 'idempotency-key': crypto.randomUUID() })
        : request,
    ),
  },
  {
    clause: 'R31',
    wrong: 'answers a start for a page with 200',
    fails: ['R31', 'R39 R40'],
    respond: status(202, 200),
  },
  {
    clause: 'R32',
    wrong: 'does not say that it repeats',
    fails: ['R30', 'R32', 'R39 R40'],
    respond: header('idempotent-replayed', () => undefined),
  },
  { clause: 'R33', wrong: 'answers a key that was used with 409', fails: ['R33', 'R45'], respond: status(422, 409) },
  {
    clause: 'R34',
    wrong: 'takes everybody for the same person',
    fails: ['R34', 'R47 R48'],
    options: { authorize: () => ({}) },
  },
  { clause: 'R35', wrong: 'stops what nobody reads', fails: ['R35'], options: { abandonAfter: 40 } },
  {
    clause: 'R37',
    wrong: 'forgets the entry in the answer to a stop',
    fails: ['R37', 'R38'],
    respond: json(
      () => ({ ok: true }),
      (_, request) => /streams\/.*\/stop$/.test(path(request)),
    ),
  },
  {
    clause: 'R39',
    wrong: 'knows no stop by key',
    fails: ['R39', 'R39 R40'],
    respond: (request, answer) =>
      path(request) === '/api/chat/stop' && request.method === 'POST'
        ? new Response('{}', { status: 404 })
        : answer(request),
  },
  { clause: 'R40', wrong: 'forgets what was stopped before it began', fails: ['R39 R40'], respond: forgetful() },
  {
    clause: 'R41',
    wrong: 'lets proxies compress',
    fails: ['R41'],
    respond: header('cache-control', () => 'no-cache'),
  },
  { clause: 'R42', wrong: 'does not say what it allows', fails: ['R42'], respond: header('allow', () => undefined) },
  { clause: 'R43', wrong: 'answers a large body with 400', fails: ['R43'], respond: status(413, 400) },
  {
    clause: 'R43',
    wrong: 'takes forms for JSON',
    fails: ['R43'],
    respond: asks((request) =>
      request.method === 'POST' ? withHeaders(request, { 'content-type': 'application/json' }) : request,
    ),
  },
  {
    clause: 'R44',
    wrong: 'takes entries of any size',
    fails: ['R44'],
    options: { limits: { entryBytes: 1024 * 1024 } },
  },
  {
    clause: 'R45',
    wrong: 'has a page of HTML for what it does not know',
    fails: ['R45'],
    respond: answers(
      ({ status }) => status === 405,
      ({ headers }) => new Response('<p>No.</p>', { status: 405, headers }),
    ),
  },
  {
    clause: 'R46',
    wrong: 'does not say when to come back',
    fails: ['R46'],
    respond: header('retry-after', () => undefined),
  },
  {
    clause: 'R48',
    wrong: 'tells foreign streams from none',
    fails: ['R47 R48'],
    respond: answers(
      ({ status }, request) =>
        status === 404 &&
        request.headers.get('x-user') === 'bob' &&
        request.headers.has('last-event-id') &&
        !/B{22}/.test(request.url),
      () => Response.json({ error: { code: 'forbidden', message: 'It is not yours.' } }, { status: 403 }),
    ),
  },
  {
    clause: 'R64',
    wrong: 'takes back to another place',
    fails: ['R64'],
    respond: events((block) => block.replace('"after":0', '"after":1')),
  },
  {
    clause: 'R76',
    wrong: 'lists nothing',
    fails: ['R76'],
    respond: json((value) => ('streams' in value ? { streams: [] } : value)),
  },
  {
    clause: 'R77',
    wrong: 'lets every page read',
    fails: ['R77'],
    respond: header('access-control-allow-origin', () => '*'),
  },
  {
    clause: 'R78',
    wrong: 'does not look at where a request comes from',
    fails: ['R78'],
    respond: asks((request) =>
      request.headers.get('origin') === 'https://chat.example'
        ? request
        : withHeaders(request, { origin: undefined, 'sec-fetch-site': undefined }),
    ),
  },
  { clause: 'R79', wrong: 'says nothing to caches', fails: ['R79'], respond: header('vary', () => undefined) },
  {
    clause: 'R81',
    wrong: 'knows no lines',
    silent: true,
    fails: ['R81', 'R81 R82'],
    respond: asks((request) =>
      /ndjson/.test(request.headers.get('accept') ?? '')
        ? withHeaders(request, { accept: 'text/event-stream' })
        : request,
    ),
  },
  {
    clause: 'R89',
    wrong: 'does not look at how a body is encoded',
    fails: ['R89'],
    respond: asks((request) => withHeaders(request, { 'content-encoding': undefined })),
  },
]

/** Starts anew what was stopped by its key. */
function forgetful(): Respond {
  const stopped = new Set<string | null>()
  return asks((request) => {
    const key = request.headers.get('idempotency-key')
    if (path(request) === '/api/chat/stop') stopped.add(key)
    return stopped.has(key) && path(request) === '/api/chat'
      ? withHeaders(request, { 'idempotency-key': crypto.randomUUID() })
      : request
  })
}
