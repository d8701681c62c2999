import { format } from '@keepstream/core/sse'
import { apiError } from '../api-error'
import { streamOf, wholeOf } from '../completion'
import { parseRequest } from '../request'
import { bearerOf, type ModelDialect } from './dialect'

/** Chat completions: the words in which requests and answers are kept here anyway. */
export const openaiChatDialect: ModelDialect = {
  keyOf: bearerOf,
  parse: parseRequest,
  stream: streamOf,
  whole: wholeOf,
  errorBody: ({ body }) => body,
  errorEvent: (message) => format({ data: JSON.stringify(apiError(500, message).body) }),
  garbage: '{"choices":[{"index":0,"delta":{"content":"half a',
  textEvent: [
    'data: {"object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"',
    '"},"finish_reason":null}]}\n\n',
  ],
}
