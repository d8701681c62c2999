export { type EventSourceMessage, EventStreamContentType, type FetchEventSourceInit, fetchEventSource } from './drop-in'
export { type FetchEventSourceOptions, fetchEventSourceTransport } from './transports/fetch-event-source'
