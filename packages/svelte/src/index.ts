export * from '@keepstream/core'
export { type UseStreamOptions, type UseStreamReturn, useStream } from './use-stream'
