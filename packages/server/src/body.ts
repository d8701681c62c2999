import { StreamError } from '@keepstream/core'
import { httpError } from './exchange'

/** What can be wrong with the body of a request before anybody looks at what it says. */
export const bodyErrors = {
  tooLarge: (limit: number) => httpError(413, 'body_too_large', `The body is larger than ${limit} bytes.`),
  tooSlow: (timeout: number) =>
    httpError(408, 'body_too_slow', `The body did not arrive within ${timeout / 1000} s. Send it again.`),
  cut: () => httpError(400, 'body_cut', 'The body was cut.'),
  taken: () => {
    const remedy = 'Mount the handler before any body parser.'
    return new StreamError('unsupported', `Something else has read the body of the request. ${remedy}`)
  },
} as const
