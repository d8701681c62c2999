export { type EventFields, format } from './sse/format'
export { createParser, type Parser, type ParserOptions } from './sse/parse'
