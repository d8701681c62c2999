export { type BufferedOptions, whenBuffered } from './transports/buffered'
export { type PollOptions, pollTransport } from './transports/poll'
