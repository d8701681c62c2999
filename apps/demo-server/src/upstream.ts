import type { RelayOptions } from '@keepstream/server'
import { createScriptedModel, type ScriptedModel, type ScriptedModelOptions } from '@keepstream/testing'
import { answerAs } from './answers'
import { labModel, type OfferedModel, perModel, personas, prices } from './models'

/** A provider that speaks OpenAI's chat dialect. */
export interface Provider {
  readonly baseUrl: string
  readonly apiKey: string
  /** The models that may be asked; the first one where a request names none. */
  readonly models: readonly [string, ...string[]]
}

/** What the relay is told of whoever answers. Goes from process to process, so that nothing in it is a function. */
export type UpstreamSettings = Pick<
  RelayOptions,
  'baseUrl' | 'apiKey' | 'models' | 'defaultModel' | 'prices' | 'perModel' | 'parameters'
>

export interface DemoUpstream {
  readonly settings: UpstreamSettings
  /** Absent where a real provider answers. */
  readonly model: ScriptedModel | undefined
  readonly offered: readonly OfferedModel[]
}

const first = personas[0]!
// By `user` the ledger of the Lab tells questions apart. A real provider is not sent it: to it, it would be a person.
const parameters = ['max_tokens', 'temperature', 'top_p', 'user']
const ownPace = { tokensPerSecond: first.tokensPerSecond, firstTokenDelay: first.firstTokenDelay }

/** What answers: a real provider, or a model in this process that needs no key. */
export async function createUpstream(
  provider: Provider | undefined,
  script: ScriptedModelOptions = {},
): Promise<DemoUpstream> {
  if (provider) {
    const { baseUrl, apiKey, models } = provider
    const settings = { baseUrl, apiKey, models, defaultModel: models[0] }
    return { settings, model: undefined, offered: models.map((name) => ({ name })) }
  }
  const models = [...personas.map(({ name }) => name), labModel.name]
  // A pace that somebody gives is meant for every answer.
  const paced = script.tokensPerSecond === undefined && script.firstTokenDelay === undefined
  const answer = answerAs({ paced })
  const model = await createScriptedModel({ ...ownPace, models, answer, ...script })
  const { url: baseUrl } = model
  const settings = { baseUrl, apiKey: false as const, models, defaultModel: first.name, prices, perModel, parameters }
  const offered = personas.map(({ name, description, price }) => ({ name, description, price }))
  return { settings, model, offered }
}
