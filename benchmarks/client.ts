// The whole client path, from fetch to snapshot, against the least that a page could do by hand.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { cpuUsage } from 'node:process'
import { fileURLToPath } from 'node:url'
import { createStream, openaiChat } from '@keepstream/core'
import { fetchEventSource } from '@microsoft/fetch-event-source'
import { createParser } from 'eventsource-parser'
import OpenAI from 'openai'
import type { Benchmark, BenchmarkRow } from './benchmark'
import { median } from './median'

/** Reads the answer at `url` and returns its text. */
type Client = (url: string) => Promise<string>

interface Chunk {
  readonly choices: readonly { readonly delta: { readonly content?: string } }[]
}

const textOf = (data: string) => (JSON.parse(data) as Chunk).choices[0]?.delta.content ?? ''

async function* reads(url: string): AsyncGenerator<string, void> {
  const response = await fetch(url, { method: 'POST', body: '{}' })
  const decoder = new TextDecoder()
  const reader = response.body!.getReader()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    yield decoder.decode(value, { stream: true })
  }
}

/** No retry, no resume, no bound, and wrong for most event streams: the floor. */
async function byHand(url: string): Promise<string> {
  let text = ''
  let rest = ''
  for await (const chunk of reads(url)) {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!
    for (const line of lines) if (line.startsWith('data: {')) text += textOf(line.slice(6))
  }
  return text
}

async function eventsourceParser(url: string): Promise<string> {
  let text = ''
  const parser = createParser({
    onEvent({ data }) {
      if (data !== '[DONE]') text += textOf(data)
    },
  })
  for await (const chunk of reads(url)) parser.feed(chunk)
  return text
}

async function fetchEventSourceClient(url: string): Promise<string> {
  let text = ''
  await fetchEventSource(url, {
    method: 'POST',
    body: '{}',
    openWhenHidden: true,
    onmessage({ data }) {
      if (data !== '[DONE]') text += textOf(data)
    },
  })
  return text
}

async function openai(url: string): Promise<string> {
  const client = new OpenAI({ baseURL: url, apiKey: 'none' })
  const stream = await client.chat.completions.create({ model: 'none', messages: [], stream: true })
  let text = ''
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
  return text
}

/** With a subscriber who reads every snapshot, as a page does. */
async function keepstream(url: string): Promise<string> {
  const stream = createStream({ url, protocol: openaiChat() })
  let length = 0
  const unsubscribe = stream.subscribe(() => {
    length = stream.get().data.text.length
  })
  const { status, data } = await stream.start({})
  unsubscribe()
  stream.reset()
  if (status !== 'done' || length !== data.text.length)
    throw new Error(`keepstream ended ${status} with ${length} characters`)
  return data.text
}

const clients: Readonly<Record<string, Client>> = {
  'fetch by hand': byHand,
  keepstream,
  'eventsource-parser': eventsourceParser,
  'fetch-event-source': fetchEventSourceClient,
  openai,
}

const events = 20_000

/** Processor time of each client in each round, all in turn, so that drift of the machine hits all alike. */
async function compete(url: string, rounds: number): Promise<Record<string, readonly number[]>> {
  const names = Object.keys(clients)
  const expected = await byHand(url)
  const times: Record<string, number[]> = Object.fromEntries(names.map((name) => [name, []]))
  for (let round = -5; round < rounds; round++) {
    for (let turn = 0; turn < names.length; turn++) {
      const name = names[(turn + round + names.length) % names.length]!
      const before = cpuUsage()
      const text = await clients[name]!(url)
      const { user, system } = cpuUsage(before)
      if (text !== expected) throw new Error(`${name} read ${text.length} characters, not ${expected.length}.`)
      if (round >= 0) times[name]!.push(user + system) // The rounds before warm up.
    }
  }
  return times
}

/** The median of the ratios within each round: a neighbour on the machine slows a round, and leaves its ratios. */
const against = (own: readonly number[], baseline: readonly number[]): number =>
  median(own.map((time, round) => time / baseline[round]!))

// fetch-event-source needs both to end at all; see docs/decisions/0002-fetch-is-the-default-transport.md.
Object.assign(globalThis, {
  window: globalThis,
  document: { hidden: false, addEventListener() {}, removeEventListener() {} },
})

export async function clientBenchmark(): Promise<Benchmark> {
  const server = fork(fileURLToPath(new URL('workloads/server.ts', import.meta.url)), [String(events)])
  try {
    const [port] = await once(server, 'message')
    const rows: BenchmarkRow[] = []
    for (const [path, what] of [
      ['flood', `${events} chunks as fast as the socket takes them`],
      ['paced', `${events} chunks, each written alone`],
    ] as const) {
      const times = await compete(`http://127.0.0.1:${port}/${path}`, 25)
      const { 'fetch by hand': floor, ...others } = times
      const ratios = Object.entries(others).map(([name, time]) => [name, Number(against(time, floor!).toFixed(2))])
      const { keepstream: ratio, ...peers } = Object.fromEntries(ratios) as Record<string, number>
      rows.push({ name: path, what, ratio: ratio!, goal: { atMost: 1.3 }, others: peers })
      rows.push({
        name: `${path}-openai`,
        what: `${path}: keepstream against the openai client (1)`,
        ratio: against(times.keepstream!, times.openai!),
        // Written alone, most of the time is the socket's: by hand one would miss it too.
        ...(path === 'flood' && { goal: { atMost: 0.5 } }),
      })
    }
    return {
      name: 'client',
      title: 'From fetch to text: processor time against fetch, TextDecoder and JSON.parse by hand (1; less is better)',
      rows,
    }
  } finally {
    server.disconnect()
  }
}
