import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createFaultProxy } from '@keepstream/testing'
import { answer, faultAfter, tokens } from './answer'
import { createGate } from './gate'
import type { Order } from './client-process'
import type { Contestant } from './contestants'
import type { Reading } from './reading'
import type { Fault } from './rows'

/** How long a client may take until it has settled, in milliseconds. Longer than the longest clock of any of them here. */
export const patience = 20_000

/** Milliseconds after it settled: whoever changes the text then had not settled. */
const grace = 400

/** What one client made of one fault. */
export interface Cell extends Reading {
  /** `absent`: this client cannot meet the fault. */
  readonly verdict: 'right' | 'wrong' | 'absent'
  readonly seconds: number
  readonly connections: number
  readonly calls: number
  /** How many requests had a token that had run out. */
  readonly oldTokens: number
}

export async function runCell(contestant: Contestant, fault: Fault): Promise<Cell> {
  const { openOrigin } = await contestant.origin()
  const origin = await openOrigin()
  const { eventEnd = /\n\n/, comments = true } = contestant
  const gate = await createGate({ origin: origin.url, onRequest: origin.onRequest, eventEnd, comments, hold: fault.hold })
  const proxy = await createFaultProxy({ target: gate.url })
  const child = fork(fileURLToPath(new URL('client-process.ts', import.meta.url)), [contestant.client], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  const order = (what: Order) => void child.send(what)
  let reading: Reading = { text: '', status: 'streaming' }
  child.on('message', (message: Reading | 'ready') => {
    if (message !== 'ready') reading = message
  })
  const until = async (met: () => boolean, limit: number) => {
    const end = performance.now() + limit
    while (!met() && performance.now() < end) await setTimeout(10)
  }
  const before = tokens.slice(0, faultAfter).join('')
  const scene = {
    proxy,
    gate,
    read: async () => {
      await until(() => reading.text.length >= before.length, 2_000)
      // Half an event shows nowhere: what was sent with it has arrived by now.
      await setTimeout(50)
    },
    renewToken: () => {
      gate.credential = 'Bearer two'
      order({ token: 'two' })
    },
  }
  try {
    await once(child, 'message')
    await fault.before?.(scene)
    const began = performance.now()
    let met = proxy.accepted
    void gate.held
      .then(() => fault.after?.(scene))
      .then(() => {
        met = proxy.accepted
      })
    order({ url: proxy.url.replace(/\/$/, '') })
    await until(() => reading.status !== 'streaming', patience)
    const seconds = Number(((performance.now() - began) / 1000).toFixed(1))
    await setTimeout(reading.status === 'streaming' ? 0 : grace)
    const calls = origin.calls()
    const right = reading.text === answer && reading.status === 'done' && calls === 1
    const unmet = fault.atReconnect === true && proxy.accepted === met && reading.status !== 'done'
    return {
      ...reading,
      verdict: right ? 'right' : unmet ? 'absent' : 'wrong',
      seconds,
      connections: proxy.accepted,
      calls,
      oldTokens: gate.requests.refused,
    }
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await proxy.close()
    gate.close()
    await origin.close()
  }
}
