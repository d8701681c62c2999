// Above 150 lines: an answer as it is asked for, as it is read again, and what may stand in its place.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Address } from './address'
import { type ApiError, apiError } from './api-error'
import { choiceOf } from './choice'
import type { AnswerEvent, Completion } from './completion'
import { deliver } from './delivery'
import type { ModelDialect } from './dialects/dialect'
import type { ModelFault, StatusFault } from './fault'
import { hash } from './hash'
import type { Ledger, ModelCall } from './ledger'
import type { ScriptedModelOptions } from './options'
import { prose } from './prose'
import type { ChatRequest } from './request'
import { checkScript, type Script } from './script'
import type { StoredAnswers } from './stored-answer'

/** The largest request that is read. */
const maxBody = 16 * 1024 * 1024

export interface CallContext {
  readonly options: ScriptedModelOptions
  readonly ledger: Ledger
  /** Which fault this call gets; `own` is the one of its script. */
  readonly takeFault: (own: ModelFault | undefined) => ModelFault
  readonly stored: StoredAnswers
}

/** Answers one call of the model. Rejects only for a mistake in the test itself, such as an `answer` that throws. */
export async function answerCall(
  request: IncomingMessage,
  response: ServerResponse,
  call: ModelCall,
  address: Address & { readonly type: 'call' },
  context: CallContext,
) {
  const { options, ledger, stored } = context
  const { dialect } = address
  const json = await readBody(request)
  const asked =
    json === undefined
      ? apiError(413, `The body is larger than ${maxBody} bytes.`)
      : dialect.parse(json, { headers: request.headers, ...address })
  if ('status' in asked) return refuse(asked)
  ledger.note(call, { body: asked.body })
  if (options.models && !options.models.includes(asked.model)) {
    return refuse(apiError(404, `The model '${asked.model}' does not exist.`, { code: 'model_not_found' }))
  }
  const scripts = Array.from({ length: asked.n }, (_, choice) => scriptOf(asked, choice, options))
  const fault = context.takeFault(scripts.find((script) => script.fault)?.fault)
  if (fault.type !== 'none') ledger.note(call, { fault })
  if (refusedBy(fault, dialect, request, response)) return ledger.note(call, { outcome: 'refused' })
  ledger.note(call, { generated: true })
  const own = scripts[0] ?? {}
  const tokensPerSecond = own.tokensPerSecond ?? options.tokensPerSecond ?? 0
  const firstTokenDelay = own.firstTokenDelay ?? options.firstTokenDelay ?? 0
  const gap = tokensPerSecond > 0 ? 1000 / tokensPerSecond : 0
  const due = (index: number) => firstTokenDelay + index * gap
  const completion = completionOf(asked, scripts, options.seed ?? 0, ledger.calls.indexOf(call))
  const kept = asked.body.background === true ? stored.keep(completion, due) : undefined
  await send(response, call, { ledger, fault, dialect, stream: asked.stream, due }, () => {
    if (!asked.stream) return [dialect.whole(completion)]
    return kept?.eventsAfter(-1) ?? dialect.stream(completion)
  })

  function refuse(error: ApiError) {
    sendError(response, error, dialect)
    ledger.note(call, { outcome: 'refused' })
  }
}

/** Answers `GET /v1/responses/{id}` and its `cancel`: an answer that was asked for in the background. */
export async function answerStored(
  request: IncomingMessage,
  response: ServerResponse,
  call: ModelCall,
  { id, type, dialect }: Address & { readonly type: 'stored' | 'cancel' },
  { ledger, stored, takeFault }: CallContext,
) {
  const found = stored.find(id)
  if (!found) {
    sendError(response, apiError(404, `Response with id '${id}' not found.`), dialect)
    return ledger.note(call, { outcome: 'refused' })
  }
  const query = new URL(request.url ?? '/', 'http://model').searchParams
  const stream = query.get('stream') === 'true'
  if (type === 'cancel' || !stream) {
    if (type === 'cancel') found.cancel()
    response.writeHead(200, { 'content-type': 'application/json' }).end(found.now())
    return ledger.note(call, { outcome: 'finished' })
  }
  const fault = takeFault(undefined)
  if (fault.type !== 'none') ledger.note(call, { fault })
  if (refusedBy(fault, dialect, request, response)) return ledger.note(call, { outcome: 'refused' })
  const after = Number(query.get('starting_after') ?? -1)
  await send(response, call, { ledger, fault, dialect, stream, due: found.due(after) }, () => found.eventsAfter(after))
}

interface Sending {
  readonly ledger: Ledger
  readonly fault: ModelFault
  readonly dialect: ModelDialect
  readonly stream: boolean
  readonly due: (index: number) => number
}

async function send(
  response: ServerResponse,
  call: ModelCall,
  { ledger, fault, dialect, stream, due }: Sending,
  events: () => Iterable<AnswerEvent>,
): Promise<void> {
  const left = new AbortController()
  response.once('close', () => left.abort())
  const outcome = await deliver({
    response,
    signal: left.signal,
    events: events(),
    contentType: stream ? 'text/event-stream; charset=utf-8' : 'application/json',
    fault,
    dialect,
    due,
    onProgress: (tokensSent, bytesSent) => ledger.note(call, { tokensSent, bytesSent }),
  })
  ledger.note(call, { outcome })
}

/** Whether the fault is that the model is not called at all. */
function refusedBy(
  fault: ModelFault,
  dialect: ModelDialect,
  request: IncomingMessage,
  response: ServerResponse,
): boolean {
  if (fault.type === 'status' || fault.type === 'html') sendInstead(response, fault, dialect)
  else if (fault.type === 'refuse') request.socket.resetAndDestroy()
  else return false
  return true
}

export function sendError(response: ServerResponse, error: ApiError, dialect: ModelDialect): void {
  const head = { 'content-type': 'application/json', ...error.headers }
  response.writeHead(error.status, head).end(JSON.stringify(dialect.errorBody(error)))
}

function scriptOf(request: ChatRequest, choice: number, { answer, seed = 0 }: ScriptedModelOptions): Script {
  const said = typeof answer === 'function' ? answer(request, choice) : (answer ?? prose(request.prompt, seed + choice))
  if (typeof said === 'string') return { text: said }
  checkScript('answer', said)
  return said
}

function completionOf(request: ChatRequest, scripts: readonly Script[], seed: number, place: number): Completion {
  const part = (number: number) => hash(`${number} ${seed} ${place} ${request.prompt}`).toString(36).padStart(7, '0')
  const id = [1, 2, 3, 4].map(part).join('')
  const choices = scripts.map((script, index) => choiceOf(script, request.maxTokens, `${id.slice(-12)}${index}`))
  return { id, request, choices, usage: scripts[0]?.usage }
}

/** `undefined` for a body that is too large; the rest of it is read and thrown away, so that the answer arrives. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= maxBody) chunks.push(chunk)
  }
  return length > maxBody ? undefined : Buffer.concat(chunks).toString()
}

function sendInstead(
  response: ServerResponse,
  fault: StatusFault | { readonly type: 'html' },
  dialect: ModelDialect,
): void {
  if (fault.type === 'html') {
    const page = '<!doctype html><title>Welcome</title><p>Please sign in to use this network.</p>'
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
    return
  }
  const { status, retryAfter, headers } = fault
  const own = dialect.errorBody(apiError(status, `The scripted model answers ${status}, as it was told to.`))
  const { body = own } = fault
  const text = typeof body === 'string'
  response.writeHead(status, {
    'content-type': text ? 'text/plain; charset=utf-8' : 'application/json',
    ...(retryAfter === undefined
      ? {}
      : { 'retry-after': retryAfter instanceof Date ? retryAfter.toUTCString() : String(retryAfter) }),
    ...headers,
  })
  response.end(text ? body : JSON.stringify(body))
}
