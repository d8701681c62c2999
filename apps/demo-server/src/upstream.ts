import { type Route, relay } from '@keepstream/server'
import { createScriptedModel, type ScriptedModel, type ScriptedModelOptions } from '@keepstream/testing'
import { chatInput } from './chat-input'

/** A provider that speaks OpenAI's chat dialect. */
export interface Provider {
  readonly baseUrl: string
  readonly apiKey: string
  /** The model to ask. */
  readonly model: string
}

const scripted = { model: 'scripted', tokensPerSecond: 36, firstTokenDelay: 600 }

/** What answers: a real provider, or a model in this process that needs no key. */
export async function createUpstream(
  provider: Provider | undefined,
  script: ScriptedModelOptions = {},
): Promise<{ readonly route: Route; readonly model: ScriptedModel | undefined }> {
  const input = chatInput
  if (provider) {
    const { baseUrl, apiKey, model } = provider
    return { route: relay({ baseUrl, apiKey, defaultModel: model, input }) as Route, model: undefined }
  }
  const { model: name, ...pace } = scripted
  const model = await createScriptedModel({ ...pace, models: [name], ...script })
  return { route: relay({ baseUrl: model.url, apiKey: false, defaultModel: name, input }) as Route, model }
}
