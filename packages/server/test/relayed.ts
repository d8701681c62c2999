import type { Frame } from '@keepstream/core'
import {
  createScriptedModel,
  type ModelFault,
  type ScriptedModel,
  type ScriptedModelOptions,
} from '@keepstream/testing'
import { onTestFinished } from 'vitest'
import {
  type HubOptions,
  type Provider,
  type RelayOptions,
  type RelayTimeouts,
  relay,
  type UpstreamOptions,
} from '../src/index'
import { dataOf, type Path, serve } from './served'

export const canary = 'sk-canary-1f2e3d4c5b6a'
export const question = { messages: [{ role: 'user', content: 'Say something.' }] }
export const answer = 'The line runs. 안녕하세요, 선이 이어집니다.'

/** A scripted model that is closed when its test is over. */
export async function modelOf(options: ScriptedModelOptions = {}): Promise<ScriptedModel> {
  const model = await createScriptedModel({ answer, apiKey: canary, ...options })
  onTestFinished(() => model.close())
  return model
}

/** An upstream of that model, as the relay is given it. */
export const upstreamOf = (model: ScriptedModel, models: readonly string[], provider: Provider = 'openai') =>
  ({ provider, name: models.join(), baseUrl: model.url, apiKey: canary, models }) satisfies UpstreamOptions

/** Short clocks for a model that is silent, and for no other: a busy machine is silent for a while, too. */
export function clocksFor(fault: ModelFault): { readonly timeouts: Partial<RelayTimeouts> } {
  if (fault.type === 'slow-head') return { timeouts: { head: 300 } }
  if (fault.type !== 'stall') return { timeouts: {} }
  return { timeouts: { idle: 300, ...(!fault.afterTokens && { firstToken: 300 }) } }
}

/** A relay behind a real socket, gone when its test is over. */
export async function relayOf(options: RelayOptions, hub: Partial<HubOptions> = {}, path: Path = 'node') {
  const route = relay(options)
  const served = await serve(path, route, hub)
  onTestFinished(() => served[Symbol.asyncDispose]())
  const eventsOf = <TType extends string>(type: TType) => served.events.filter((event) => event.type === type)
  return { route, served, eventsOf }
}

/** What the entries of an answer reduce to, with what was taken back left out, as every reader has it. */
export function reduced(frames: readonly Frame[]) {
  let kept: { readonly seq: number; readonly event: string; readonly data: unknown }[] = []
  for (const frame of frames) {
    const { event, id = '' } = frame
    if (/^(hello|end|reset|bye)$/.test(event)) continue
    const seq = Number(
      id
        .slice(id.lastIndexOf('-') + 1)
        .split('..')
        .at(-1),
    )
    const data = dataOf(frame)
    if (event === 'retract') kept = kept.filter((entry) => entry.seq <= (data as { after: number }).after)
    else kept.push({ seq, event, data })
  }
  const of = (event: string) => kept.filter((entry) => entry.event === event).map(({ data }) => data)
  const texts = (choice: number) =>
    of('text')
      .filter((data) => choice === ((data as { choice?: number }).choice ?? 0))
      .map((data) => (typeof data === 'string' ? data : (data as { text: string }).text))
      .join('')
  return { of, text: texts(0), textOf: texts, end: dataOf(frames.at(-1)) }
}
