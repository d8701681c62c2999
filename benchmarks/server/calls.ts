import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Answer, Calls, Question } from './answers'
import { programOf } from './programs'

/** What another process can be asked, as functions of this one. */
export type Asked<T extends Calls> = {
  readonly [Name in keyof T]: (...given: Parameters<T[Name]>) => ReturnType<T[Name]>
}

export interface Started<T extends Calls> extends AsyncDisposable {
  readonly ask: Asked<T>
}

/** Starts a program as a process that answers calls. What is asked of it has two minutes. */
export async function startProcess<T extends Calls>(program: string, ...given: string[]): Promise<Started<T>> {
  const child = fork(programOf(program), given, { execArgv: ['--expose-gc'] })
  await once(child, 'message', { signal: AbortSignal.timeout(60_000) })
  let number = 0
  const ask = new Proxy({} as Asked<T>, {
    get: (_, name: string) => (argument: unknown) => call(child, { number: ++number, name, argument }),
  })
  return {
    ask,
    async [Symbol.asyncDispose]() {
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

const patience = 120_000

function call(child: ChildProcess, question: Question): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => settle(() => reject(new Error(`No answer to ${question.name}.`))), patience)
    const exited = () => settle(() => reject(new Error(`The process ended while it was asked for ${question.name}.`)))
    const answered = ({ number, value, failure }: Answer) => {
      if (number === question.number) settle(() => (failure ? reject(new Error(failure)) : resolve(value)))
    }
    function settle(outcome: () => void): void {
      clearTimeout(timer)
      child.off('message', answered).off('exit', exited)
      outcome()
    }
    child.on('message', answered).on('exit', exited)
    child.send(question)
  })
}
