export { type EventSourceMessage, EventStreamContentType, type FetchEventSourceInit, fetchEventSource } from './drop-in'
export { fetchEventSourceTransport } from './transports/fetch-event-source'
