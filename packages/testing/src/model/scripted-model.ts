import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { listen } from '../listener'
import { checkCount } from '../option'
import { addressOf, dialectAt } from './address'
import { type ApiError, apiError } from './api-error'
import { answerCall, answerStored, sendError } from './call'
import type { ModelFault } from './fault'
import { createFaultQueue } from './fault-queue'
import { createLedger, type ModelCall, type WaitOptions } from './ledger'
import { checkOptions, type ScriptedModelOptions } from './options'
import { createStoredAnswers } from './stored-answer'

/** A model that speaks the dialects of the well-known providers, says what the test wants, and misbehaves on command. */
export interface ScriptedModel extends AsyncDisposable {
  /** Such as `http://127.0.0.1:49152/v1`: what a client takes as its `OPENAI_BASE_URL`. */
  readonly url: string
  readonly port: number
  /** Every request, oldest first. */
  readonly ledger: readonly ModelCall[]
  /** How often the model was invoked: what a provider bills. Requests that were answered with an error do not count. */
  readonly calls: number
  /** Queues faults: each of the next calls that are valid and authorized takes one. */
  readonly next: (...faults: readonly ModelFault[]) => void
  /** The fault of every call that finds the queue empty; `undefined` for none. */
  readonly always: (fault: ModelFault | undefined) => void
  /** Forgets all faults, and accepts connections again. A call under way keeps the fault that it has. */
  readonly restore: () => Promise<void>
  /** Resolves with invocation number `count` (from 1) once it began. Rejects with a `timeout`. */
  readonly waitForCall: (count?: number, options?: WaitOptions) => Promise<ModelCall>
  /** Resolves with aborted call number `count` (from 1): the model was told to stop. Rejects with a `timeout`. */
  readonly waitForAbort: (count?: number, options?: WaitOptions) => Promise<ModelCall>
  /** Resolves once no call is running. Rejects with a `timeout`. */
  readonly idle: (options?: WaitOptions) => Promise<void>
  /** Ends every call and every connection. */
  readonly close: () => Promise<void>
}

/**
 * Starts a scripted model on 127.0.0.1, streamed or not: `/v1/chat/completions` and `/v1/responses` (OpenAI, background mode
 * included), `/v1/messages` (Anthropic), `/v1beta/models/{model}:streamGenerateContent` (Gemini); and `GET /v1/models`.
 * Throws a `StreamError` where an option is wrong or the port is taken.
 */
export async function createScriptedModel(options: ScriptedModelOptions = {}): Promise<ScriptedModel> {
  checkOptions(options)
  const ledger = createLedger()
  const stored = createStoredAnswers()
  const busy = new Set<Socket>()
  let comeBack: NodeJS.Timeout | undefined

  const server = createServer((request, response) => {
    busy.add(request.socket)
    response.once('close', () => {
      busy.delete(request.socket)
      if (listener.refusing) request.socket.destroySoon()
    })
    // A connection that slipped in while the listener was closing: it was to be refused.
    if (listener.refusing) request.socket.resetAndDestroy()
    else route(request, response)
  })
  const listener = await listen(options.port ?? 0, (socket) => server.emit('connection', socket))
  const faults = createFaultQueue(({ ms }) => {
    listener.refuse()
    for (const socket of listener.sockets) if (!busy.has(socket)) socket.destroySoon()
    clearTimeout(comeBack)
    if (ms !== undefined) comeBack = setTimeout(() => void listener.accept(), ms)
  })

  function route(request: IncomingMessage, response: ServerResponse) {
    const path = request.url?.split('?')[0] ?? '/'
    const key = request.headers['idempotency-key']
    const call = ledger.open(path, Array.isArray(key) ? key[0] : key)
    response.once('close', () => ledger.note(call, { outcome: response.writableFinished ? 'finished' : 'aborted' }))
    const address = addressOf(request.method, path)
    const dialect = dialectAt(address)
    const refused =
      refusalOf(dialect.keyOf(request.headers), options.apiKey) ?? ('status' in address ? address : undefined)
    if (refused || 'status' in address) {
      ledger.note(call, { outcome: 'refused' })
      return sendError(response, refused ?? (address as ApiError), dialect)
    }
    if (address.type === 'models') return sendModels(response, options.models)
    const context = { options, ledger, takeFault: faults.take, stored }
    const answered =
      address.type === 'call'
        ? answerCall(request, response, call, address, context)
        : answerStored(request, response, call, address, context)
    answered.catch((cause: unknown) => {
      ledger.note(call, { outcome: response.destroyed ? 'aborted' : 'refused' })
      if (response.headersSent || response.destroyed) return response.destroy()
      sendError(response, apiError(500, `The test's own \`answer\` failed: ${cause}`), dialect)
    })
  }

  const generated = () => ledger.calls.filter((call) => call.generated)
  const nth = (list: () => readonly ModelCall[], count: number, what: string, wait?: WaitOptions) => {
    checkCount('count', count, 'Give a whole number from 1.', 1)
    return ledger.waitFor(`${what} number ${count}`, () => list()[count - 1], wait)
  }
  const close = async () => {
    clearTimeout(comeBack)
    ledger.close()
    await listener.close()
  }
  return {
    url: `http://127.0.0.1:${listener.port}/v1`,
    port: listener.port,
    ledger: ledger.calls,
    get calls() {
      return generated().length
    },
    next: faults.next,
    always: faults.always,
    restore: async () => {
      faults.clear()
      clearTimeout(comeBack)
      await listener.accept()
    },
    waitForCall: (count = 1, wait) => nth(generated, count, 'call', wait),
    waitForAbort: (count = 1, wait) =>
      nth(() => ledger.calls.filter(({ outcome }) => outcome === 'aborted'), count, 'abort', wait),
    idle: async (wait) => {
      await ledger.waitFor(
        'an idle model',
        () => ledger.calls.every(({ outcome }) => outcome !== 'running') || undefined,
        wait,
      )
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function refusalOf(key: string | undefined, expected: string | undefined): ApiError | undefined {
  if (expected === undefined || key === expected) return undefined
  const message = key ? 'Incorrect API key provided.' : "You didn't provide an API key."
  return apiError(401, message, { code: key ? 'invalid_api_key' : null })
}

function sendModels(response: ServerResponse, models: readonly string[] = ['scripted']): void {
  const data = models.map((id) => ({ id, object: 'model', created: 1_735_689_600, owned_by: 'keepstream' }))
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ object: 'list', data }))
}
