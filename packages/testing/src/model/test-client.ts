import { request as httpRequest } from 'node:http'
import { createParser } from '@keepstream/core/sse'
import { onTestFinished } from 'vitest'
import type { ScriptedModelOptions } from './options'
import { createScriptedModel, type ScriptedModel } from './scripted-model'
import { tokens } from './tokens'

/** A model that is closed when its test is over. */
export async function modelOf(options?: ScriptedModelOptions): Promise<ScriptedModel> {
  const model = await createScriptedModel(options)
  onTestFinished(() => model.close())
  return model
}

export const text = '네, **이어집니다**. It goes on, byte by byte. 🌊'
export const pieces = tokens(text)
export const asked = { model: 'scripted', messages: [{ role: 'user', content: 'Does it go on?' }] }

export const post = (model: Pick<ScriptedModel, 'url'>, body: object = {}, init: RequestInit = {}) =>
  fetch(`${model.url}/chat/completions`, {
    method: 'POST',
    body: JSON.stringify({ ...asked, stream: true, ...body }),
    ...init,
  })

export const parse = (body: string) =>
  createParser()
    .feed(body)
    .map(({ data }) => data)
export const chunksOf = (body: string) =>
  parse(body)
    .filter((data) => data !== '[DONE]')
    .map((data) => JSON.parse(data))
export const said = (body: string) =>
  chunksOf(body)
    .map(({ choices }) => choices[0]?.delta.content ?? '')
    .join('')

/** The bytes that arrived, and how the connection ended. */
export function readRaw(model: Pick<ScriptedModel, 'url'>, body: object = {}) {
  return new Promise<{ body: string; ending: string; status: number | undefined }>((resolve) => {
    const chunks: Buffer[] = []
    let status: number | undefined
    const finish = (ending: string) => resolve({ body: Buffer.concat(chunks).toString(), ending, status })
    const request = httpRequest(`${model.url}/chat/completions`, { method: 'POST', agent: false }, (response) => {
      status = response.statusCode
      response.on('data', (bytes) => chunks.push(bytes))
      response.on('end', () => finish('end'))
      response.on('error', (error: NodeJS.ErrnoException) => finish(error.code ?? 'error'))
    })
    let cause = ''
    request.on('socket', (socket) => socket.on('error', (error: NodeJS.ErrnoException) => (cause = error.code ?? '')))
    request.on('error', (error: NodeJS.ErrnoException) => finish(cause || (error.code ?? 'error')))
    request.end(JSON.stringify({ ...asked, stream: true, ...body }))
  })
}
