import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { ownPort } from '../../packages/server/test/own-port'

/** How an example is started: the program, and what it is given. */
export interface Example {
  readonly name: string
  readonly program: string
  readonly args?: (port: string) => readonly string[]
  readonly env?: Readonly<Record<string, string>>
  /** Whether its hub stands on `globalThis`, where its test can count. */
  readonly counted?: boolean
  /** Checks of the suite whose requests the framework refuses before the handler sees them. */
  readonly answersFirst?: readonly string[]
}

export interface ExampleProcess extends AsyncDisposable {
  /** The origin that it listens at. */
  readonly url: string
  /** What it has written so far. */
  readonly output: () => string
  /** The answers and readers of its hub. Only of an example that is `counted`. */
  readonly counts: () => Promise<{ readonly generations: number; readonly readers: number }>
  /** Asks it to end, and resolves with the code that it ends with. */
  readonly end: () => Promise<number | null>
}

const root = join(import.meta.dirname, '../..')
const spy = join(import.meta.dirname, 'counts.mjs')

/** Starts an example as a process of its own, and resolves once it answers. */
export async function startExample(
  example: Example,
  environment: Readonly<Record<string, string>>,
): Promise<ExampleProcess> {
  for (let attempt = 1; ; attempt++) {
    const port = String(await ownPort())
    const child = start(example, port, environment)
    const output: string[] = []
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (text) => output.push(text))
    const url = `http://127.0.0.1:${port}`
    if (await answers(child, url)) return running(child, url, () => output.join(''))
    // Somebody else may have taken the port in the meantime.
    if (attempt === 3) throw new Error(`The example ${example.name} does not start.\n${output.join('')}`)
  }
}

function start(
  { name, program, args, env }: Example,
  port: string,
  environment: Readonly<Record<string, string>>,
): ChildProcess {
  const cwd = join(root, 'examples', name)
  const { NODE_OPTIONS: _, VITEST: __, NODE_ENV: ___, ...inherited } = process.env
  return fork(join(cwd, program), args?.(port) ?? [], {
    cwd,
    env: {
      ...inherited,
      NODE_ENV: 'production',
      NEXT_TELEMETRY_DISABLED: '1',
      PORT: port,
      HOST: '127.0.0.1',
      ...env,
      ...environment,
    },
    execArgv: ['--import', spy],
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
}

/** Whether the route answers before the process ends. */
async function answers(child: ChildProcess, url: string): Promise<boolean> {
  const until = performance.now() + 30_000
  while (child.exitCode === null && performance.now() < until) {
    const status = await fetch(`${url}/api/chat/streams/none`).then(
      (response) => response.status,
      () => 0,
    )
    if (status === 404) return true
    await setTimeout(50)
  }
  child.kill('SIGKILL')
  return false
}

function running(child: ChildProcess, url: string, output: () => string): ExampleProcess {
  const exited = once(child, 'exit') as Promise<[number | null]>
  return {
    url,
    output,
    async counts() {
      const told = once(child, 'message')
      child.send('counts')
      const [counts] = await told
      return counts
    },
    async end() {
      child.kill('SIGTERM')
      return (await exited)[0]
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await exited
    },
  }
}
