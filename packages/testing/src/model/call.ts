import type { IncomingMessage, ServerResponse } from 'node:http'
import { type ApiError, apiError } from './api-error'
import { choiceOf } from './choice'
import { type Completion, streamOf, wholeOf } from './completion'
import { deliver } from './delivery'
import type { ModelFault, StatusFault } from './fault'
import { hash } from './hash'
import type { Ledger, ModelCall } from './ledger'
import type { ScriptedModelOptions } from './options'
import { prose } from './prose'
import { type ChatRequest, parseRequest } from './request'
import { checkScript, type Script } from './script'

/** The largest request that is read. */
const maxBody = 16 * 1024 * 1024

export interface CallContext {
  readonly options: ScriptedModelOptions
  readonly ledger: Ledger
  /** Which fault this call gets; `own` is the one of its script. */
  readonly takeFault: (own: ModelFault | undefined) => ModelFault
}

/** Answers one `POST /v1/chat/completions`. Rejects only for a mistake in the test itself, such as an `answer` that throws. */
export async function answerCall(
  request: IncomingMessage,
  response: ServerResponse,
  call: ModelCall,
  context: CallContext,
) {
  const { options, ledger } = context
  const json = await readBody(request)
  const asked = json === undefined ? apiError(413, `The body is larger than ${maxBody} bytes.`) : parseRequest(json)
  if ('status' in asked) return refuse(asked)
  ledger.note(call, { body: asked.body })
  if (options.models && !options.models.includes(asked.model)) {
    return refuse(apiError(404, `The model '${asked.model}' does not exist.`, { code: 'model_not_found' }))
  }
  const scripts = Array.from({ length: asked.n }, (_, choice) => scriptOf(asked, choice, options))
  const fault = context.takeFault(scripts.find((script) => script.fault)?.fault)
  if (fault.type !== 'none') ledger.note(call, { fault })
  if (fault.type === 'status' || fault.type === 'html') {
    sendInstead(response, fault)
    return ledger.note(call, { outcome: 'refused' })
  }
  if (fault.type === 'refuse') {
    request.socket.resetAndDestroy()
    return ledger.note(call, { outcome: 'refused' })
  }
  ledger.note(call, { generated: true })
  const left = new AbortController()
  response.once('close', () => left.abort())
  const { tokensPerSecond = 0, firstTokenDelay = 0 } = options
  const gap = tokensPerSecond > 0 ? 1000 / tokensPerSecond : 0
  const completion = completionOf(asked, scripts, options.seed ?? 0, ledger.calls.indexOf(call))
  const outcome = await deliver({
    response,
    signal: left.signal,
    events: asked.stream ? streamOf(completion) : [wholeOf(completion)],
    contentType: asked.stream ? 'text/event-stream; charset=utf-8' : 'application/json',
    fault,
    due: (index) => firstTokenDelay + index * gap,
    onProgress: (tokensSent, bytesSent) => ledger.note(call, { tokensSent, bytesSent }),
  })
  ledger.note(call, { outcome })

  function refuse(error: ApiError) {
    sendError(response, error)
    ledger.note(call, { outcome: 'refused' })
  }
}

export function sendError(response: ServerResponse, { status, headers, body }: ApiError): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
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
  return { id: `chatcmpl-${id}`, request, choices, usage: scripts[0]?.usage }
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

function sendInstead(response: ServerResponse, fault: StatusFault | { readonly type: 'html' }): void {
  if (fault.type === 'html') {
    const page = '<!doctype html><title>Welcome</title><p>Please sign in to use this network.</p>'
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(page)
    return
  }
  const { status, retryAfter, headers } = fault
  const { body = apiError(status, `The scripted model answers ${status}, as it was told to.`).body } = fault
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
