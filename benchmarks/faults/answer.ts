import { setTimeout } from 'node:timers/promises'

/** What every server answers: ten tokens, told apart wherever they are met. */
export const tokens: readonly string[] = Array.from({ length: 10 }, (_, index) => `token-${index} `)
export const answer = tokens.join('')

/** After how many tokens the fault comes. */
export const faultAfter = 5

/** Milliseconds between two tokens: heartbeats come between them, and the answer is still under way when a client is back. */
const pace = (index: number) => (index < faultAfter ? 60 : 400)

/** One answer as it is generated, whether anybody listens or not, and read from any place in it. */
export interface Generation {
  readonly over: boolean
  /** The tokens from number `from` on, the ones to come included. */
  readonly follow: (from?: number) => AsyncGenerator<{ readonly index: number; readonly token: string }, void>
}

/** The model: whoever calls this is billed. */
export async function* model(): AsyncGenerator<string, void> {
  for (const [index, token] of tokens.entries()) {
    await setTimeout(pace(index))
    yield token
  }
}

export function generate(): Generation {
  const made: string[] = []
  const waiting = new Set<() => void>()
  let over = false
  const wake = () => {
    for (const go of waiting) go()
    waiting.clear()
  }
  void (async () => {
    for await (const token of model()) {
      made.push(token)
      wake()
    }
    over = true
    wake()
  })()
  return {
    get over() {
      return over
    },
    async *follow(from = 0) {
      for (let index = from; ; index++) {
        while (index >= made.length && !over) await new Promise<void>((resolve) => waiting.add(resolve))
        const token = made[index]
        if (token === undefined) return
        yield { index, token }
      }
    },
  }
}
