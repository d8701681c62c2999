import { startDeadline } from './deadline'
import { httpError } from './exchange'
import type { Authorize, Principal } from './hub-options'
import type { Limits } from './limits'

type Answer = Principal | undefined | false

/**
 * The hook, for which requests wait neither for ever nor in any number: each of them holds its connection and its head.
 * Throws an `http` error with status 503 beyond either bound. A hook that answers at once is not counted.
 */
export function boundAuthorize(authorize: Authorize, { authorizations, authorizeTimeout }: Limits): Authorize {
  let waiting = 0

  function inTime(answer: PromiseLike<Answer>): Promise<Answer> {
    waiting++
    return new Promise<Answer>((resolve, reject) => {
      const late = () => reject(httpError(503, 'undecided', 'It took too long to tell who you are. Try again.', 1000))
      const callOff = startDeadline(authorizeTimeout, late)
      Promise.resolve(answer).then(resolve, reject).finally(callOff)
    }).finally(() => waiting--)
  }

  return (question) => {
    if (waiting >= authorizations) {
      throw httpError(503, 'overloaded', 'Too many requests wait to be told apart. Try again shortly.', 1000)
    }
    const answer = authorize(question)
    return isPending(answer) ? inTime(answer) : answer
  }
}

const isPending = (answer: Answer | PromiseLike<Answer>): answer is PromiseLike<Answer> =>
  typeof (answer as Partial<PromiseLike<Answer>> | undefined)?.then === 'function'
