import { type Stream, StreamError } from '@keepstream/core'
import { type UseStreamOptions, type UseStreamReturn, useStream } from './use-stream'

/** What `useStream` takes, with a key. */
export interface UseSuspenseStreamOptions<TPart, TData> extends UseStreamOptions<TPart, TData> {
  /** What suspends keeps no state: only by its key is its stream found again. */
  readonly key: string
}

/**
 * As `useStream`, within `<Suspense>`: suspends from the start of an answer until its first part, or its end. An answer that
 * fails, or is interrupted, before that throws its `StreamError` to the error boundary; later errors are in what is returned.
 *
 * A `GET` stream, and an answer that `persist` remembers, connect while the component is suspended; what is `idle`
 * otherwise does not suspend. A server renders the fallback of a `GET` stream.
 */
export function useSuspenseStream<TPart, TData>(
  options: UseSuspenseStreamOptions<TPart, TData>,
): UseStreamReturn<TPart, TData> {
  const { key, method, persist, protocol } = options
  if (typeof key !== 'string') {
    throw new StreamError(
      'option',
      `Option \`key\` is ${key}. Give a string: what suspends keeps no state, so that only by its key is its stream found again.`,
    )
  }
  const answer = useStream(options)
  const { status, stream } = answer
  if (status === 'idle' && method === 'GET' && typeof window === 'undefined') {
    throw new StreamError(
      'unsupported',
      'A stream is read in the browser. Put the component within <Suspense>, whose fallback a server renders in its place.',
    )
  }
  const remembered = () => protocol.durable && typeof window !== 'undefined' && persist?.load() !== undefined
  const begins = status === 'idle' && (method === 'GET' || remembered())
  if (begins || isWaiting(answer, stream)) throw firstPart(stream)
  if (answer.error && isEmpty(answer, stream)) throw answer.error
  return answer
}

type Looked = Pick<UseStreamReturn<unknown, unknown>, 'status' | 'data'>
type Watched = Pick<Stream<never, unknown>, 'get' | 'getInitial' | 'subscribe'>

const isEmpty = ({ data }: Looked, stream: Watched) => data === stream.getInitial().data
const isWaiting = (answer: Looked, stream: Watched) => answer.status === 'pending' && isEmpty(answer, stream)

// React says nothing when it gives up a render. Whoever is still suspended after so long is rendered, and suspends, again;
// nobody else keeps the stream from resting.
const patience = 5_000
// From the first part until the component is on the page, which React may put off, so that it finds the stream connected.
const overlap = 1_000

const waiting = new WeakMap<Watched, Promise<void>>()

/** Connects the stream, and resolves with its first part or its end. */
function firstPart(stream: Watched): Promise<void> {
  const known = waiting.get(stream)
  if (known) return known
  const promise = new Promise<void>((resolve) => {
    // Not in the render: to connect tells all components that show the stream.
    queueMicrotask(() => {
      const arrived = () => {
        if (waiting.get(stream) !== promise) return
        clearTimeout(timer)
        waiting.delete(stream)
        setTimeout(leave, overlap)
        resolve()
      }
      const leave = stream.subscribe(() => {
        if (!isWaiting(stream.get(), stream)) arrived()
      })
      const timer = setTimeout(arrived, patience)
      if (stream.get().status !== 'idle' && !isWaiting(stream.get(), stream)) arrived()
    })
  })
  waiting.set(stream, promise)
  return promise
}
