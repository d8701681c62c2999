import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterEach } from 'vitest'

const main = join(import.meta.dirname, '../../apps/demo-server/dist/main.js')

export interface DemoProcess {
  readonly url: string
  readonly pid: number
  readonly kill: (signal: NodeJS.Signals) => Promise<number | null>
}

/** Runs the demo server as a process of its own, as people do. What is left after a test is killed by its id. */
export function useDemoProcess() {
  const children: ChildProcess[] = []
  afterEach(async () => {
    await Promise.all(children.splice(0).map((child) => end(child, 'SIGKILL')))
  })

  function run(environment: Readonly<Record<string, string>>) {
    const { PATH = '' } = process.env
    const child = spawn(process.execPath, [main], { env: { PATH, ...environment }, stdio: ['ignore', 'pipe', 'pipe'] })
    children.push(child)
    let output = ''
    child.stdout!.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    child.stderr!.setEncoding('utf8').on('data', (text) => {
      output += text
    })
    return { child, output: () => output }
  }

  return {
    async start(environment: Readonly<Record<string, string>> = {}): Promise<DemoProcess> {
      const { child, output } = run({ PORT: '0', ...environment })
      const exited = once(child, 'exit')
      while (!output().includes('Open http')) {
        await Promise.race([once(child.stdout!, 'data'), exited])
        if (child.exitCode !== null || child.signalCode !== null)
          throw new Error(`The demo server did not start: ${output()}`)
      }
      const [, url = ''] = /Open (\S+)/.exec(output()) ?? []
      return { url, pid: child.pid!, kill: (signal) => end(child, signal) }
    },
    /** For a start that is to fail: the exit code and everything that was said. */
    async fail(environment: Readonly<Record<string, string>>) {
      const { child, output } = run(environment)
      const [code] = await once(child, 'close')
      return { code: code as number | null, output: output().trim() }
    },
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode
  const exited = once(child, 'exit')
  process.kill(child.pid!, signal)
  await exited
  return child.exitCode
}
