// A reload in the middle of a long answer: everything there was comes at once.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { Benchmark } from './benchmark'
import { median } from './median'
import type { ReplayCost } from './replay-process'
import { lengthOf } from './workloads/wires'

const tokens = 50_000
const rounds = 5

async function replayOnce(): Promise<ReplayCost> {
  const child = fork(fileURLToPath(new URL('replay-process.ts', import.meta.url)), [String(tokens)], {
    execArgv: [...process.execArgv, '--expose-gc'],
  })
  const ended = once(child, 'exit')
  const [cost] = (await Promise.race([once(child, 'message'), ended.then(() => [])])) as [ReplayCost | undefined]
  await ended
  if (!cost) throw new Error(`The replay of ${tokens} tokens failed.`)
  return cost
}

export async function replayBenchmark(): Promise<Benchmark> {
  const costs: ReplayCost[] = []
  for (let round = 0; round < rounds; round++) costs.push(await replayOnce())
  const of = (figure: (cost: ReplayCost) => number) => median(costs.map(figure))
  return {
    name: 'replay',
    title: `A replay of ${tokens.toLocaleString('en')} tokens to a hidden page, in reads of 64 KiB`,
    rows: [
      {
        name: 'commits',
        what: 'frames asked for to publish text',
        unit: 'times',
        ratio: Math.max(...costs.map(({ commits }) => commits)),
        goal: { atMost: 1 },
        others: { 'notifications in all': of(({ notifications }) => notifications) },
      },
      {
        name: 'time',
        what: 'processor time against decode, split and JSON.parse by hand (1)',
        ratio: of(({ processor, floor }) => processor / floor),
        others: { 'µs for a token': Number(of(({ processor }) => processor / tokens).toFixed(2)) },
      },
      {
        name: 'kept',
        what: 'heap that the finished stream keeps for a token, once its text was read',
        unit: 'bytes',
        ratio: of(({ kept }) => kept / tokens),
        goal: { atMost: 32 },
        others: { 'bytes of text in a token': Number((lengthOf(tokens) / tokens).toFixed(2)) },
      },
      {
        name: 'peak',
        what: 'growth of the heap on the way for a token, garbage included',
        unit: 'bytes',
        ratio: of(({ peak }) => peak / tokens),
      },
    ],
  }
}
