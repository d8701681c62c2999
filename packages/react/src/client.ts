'use client'
// What runs in components. A file of its own, so that a server component has the functions of the core themselves, and of
// these the references that React asks for: it may render a provider, and call `createRegistry`.
export { KeepstreamProvider, type KeepstreamProviderProps } from './defaults'
export { StreamText, type StreamTextProps } from './stream-text'
export { type UseChatOptions, type UseChatReturn, useChat } from './use-chat'
export { type UseCompareOptions, type UseCompareReturn, useCompare } from './use-compare'
export { type UseStreamOptions, type UseStreamReturn, useStream } from './use-stream'
export { type UseSuspenseStreamOptions, useSuspenseStream } from './use-suspense-stream'
export { type UseTaskOptions, type UseTaskReturn, useTask } from './use-task'
