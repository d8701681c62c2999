export {
  type EventSourceConstructor,
  type EventSourceLike,
  type EventSourceOptions,
  eventSourceTransport,
} from './transports/event-source'
