export type Call = (argument: never) => Promise<unknown>
export type Calls = Record<string, Call>

/** One call, on its way to the process that answers it. */
export interface Question {
  readonly number: number
  readonly name: string
  readonly argument?: unknown
}

export interface Answer {
  readonly number: number
  readonly value?: unknown
  readonly failure?: string
}

/** Answers what the process that started this one asks, and ends with it. */
export function answerCalls(calls: Calls): void {
  process.on('message', async ({ number, name, argument }: Question) => {
    const answer = await calls[name]!(argument as never).then(
      (value): Answer => ({ number, value }),
      (error: Error): Answer => ({ number, failure: error.stack ?? error.message }),
    )
    process.send!(answer)
  })
  process.once('disconnect', () => process.exit())
  process.send!('ready')
}
