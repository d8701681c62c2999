// A server on the Web standard, in whichever runtime this is.
import { createHandler, createHub, memoryLog } from '@keepstream/server'

/** Runs the scripts of the conformance suite, whose own producer comes with what only Node has. */
async function produce({ input, signal, append }) {
  if (!Array.isArray(input?.conformance)) throw new TypeError('The input is no script.')
  for (const step of input.conformance) {
    if (step.append) for (let time = 0; time < (step.times ?? 1); time++) await append(...step.append)
    if (step.fail) throw new Error(step.fail)
    if (step.pause) await new Promise((resolve) => setTimeout(resolve, step.pause))
    if (step.hold && !signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve))
  }
}

export function createServer() {
  const authorize = ({ request }) => ({ user: request.headers.get('x-user') ?? undefined })
  const hub = createHub({ log: memoryLog(), heartbeat: 300, authorize })
  const handler = createHandler(hub, { '/api/chat': produce })
  // For the test alone: what is left once everybody has gone.
  return (request) => (request.url.endsWith('/counts') ? Response.json(hub.counts()) : handler(request))
}
