import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { createFaultProxy } from '@keepstream/testing'
import { answer, faultAfter, tokens } from './answer'
import type { Order } from './client-process'
import type { Contestant } from './contestants'
import { createGate } from './gate'
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
  /** Seconds until it came back after it was told to wait for one. */
  readonly waited?: number | undefined
}

const absent: Cell = {
  text: '',
  status: 'streaming',
  verdict: 'absent',
  seconds: 0,
  connections: 0,
  calls: 0,
  oldTokens: 0,
}

/** What a client makes of a fault, and of the other way into it where the first has finished it. */
export async function runCell(contestant: Contestant, fault: Fault): Promise<Cell> {
  if (fault.needsHeartbeats && contestant.silent) return absent
  const cell = await play(contestant, fault)
  if (!fault.otherwise || cell.verdict !== 'absent') return cell
  return await play(contestant, { ...fault.otherwise, otherwise: fault.otherwise })
}

async function play(contestant: Contestant, fault: Fault): Promise<Cell> {
  const { openOrigin } = await contestant.origin()
  const origin = await openOrigin()
  const { eventEnd = /\n\n/, comments = true } = contestant
  const gate = await createGate({
    origin: origin.url,
    onRequest: origin.onRequest,
    guards: !origin.accept,
    eventEnd,
    comments,
    hold: fault.hold,
  })
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
  // When each connection came, to 10 ms.
  const arrivals: number[] = []
  // The number of the one that the proxy refused, with the seconds to wait.
  let told: number | undefined
  let expected = 0
  const watching = setInterval(() => {
    while (arrivals.length < proxy.accepted) arrivals.push(performance.now())
    const { planned } = proxy.faults
    if (planned < expected) told = arrivals.length
    expected = planned
  }, 10)
  const before = tokens.slice(0, faultAfter).join('')
  const scene = {
    proxy,
    end: () => proxy.cut({ how: contestant.socket ? 'end' : 'close' }),
    read: async () => {
      await until(() => reading.text.length >= before.length, 2_000)
      // Half an event shows nowhere: what was sent with it has arrived by now.
      await setTimeout(50)
    },
    renewToken: () => {
      gate.credential = 'Bearer two'
      origin.accept?.('Bearer two')
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
    const unmet = fault.otherwise !== undefined && proxy.accepted === met
    return {
      ...reading,
      verdict: right ? 'right' : unmet ? 'absent' : 'wrong',
      seconds,
      connections: proxy.accepted,
      calls,
      oldTokens: origin.refused?.() ?? gate.requests.refused,
      waited: secondsBetween(arrivals, told),
    }
  } finally {
    clearInterval(watching)
    if (child.exitCode === null) {
      child.kill('SIGKILL')
      await once(child, 'exit')
    }
    await proxy.close()
    gate.close()
    await origin.close()
  }
}

/** From the arrival of connection number `told` to that of the next one. */
function secondsBetween(arrivals: readonly number[], told: number | undefined): number | undefined {
  const [from, to] = told === undefined ? [] : arrivals.slice(told - 1, told + 1)
  return from === undefined || to === undefined ? undefined : Number(((to - from) / 1000).toFixed(2))
}
