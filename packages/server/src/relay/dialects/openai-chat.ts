import { openaiChat } from '@keepstream/core'
import { bearer, type Dialect } from './dialect'

/** Chat completions, of OpenAI and of the many that speak the same: what clients say already. */
export const openaiChatDialect: Dialect = {
  protocol: openaiChat(),
  baseUrl: 'https://api.openai.com/v1',
  keyName: 'OPENAI_API_KEY',
  lacks: [],
  address: (baseUrl) => `${baseUrl}/chat/completions`,
  headers: bearer,
  body: ({ model, messages, ...parameters }) => ({
    model,
    messages,
    ...parameters,
    stream_options: { include_usage: true },
  }),
}
