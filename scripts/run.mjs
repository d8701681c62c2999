// Starting programs: one environment for all scripts, with the workspace's programs on the PATH and no telemetry.
import { spawn } from 'node:child_process'
import { constants, setPriority } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = fileURLToPath(new URL('..', import.meta.url))

const environment = {
  ...process.env,
  PATH: [join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
  DO_NOT_TRACK: '1',
  TURBO_TELEMETRY_DISABLED: '1',
  VITE_CONFIG_NATIVE_IGNORE_WARNING: 'true', // About imports without an extension in configs: nothing that a test run decides.
}

/**
 * Runs a program to its end. With `capture` its output is kept and returned instead of shown; with `ticking` a line tells
 * every 15 seconds that a program of few words is still at work; `aside` it gets only the time that nobody else wants. What
 * `env` sets to `undefined` the program is not told.
 *
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ capture?: boolean, ticking?: boolean, aside?: boolean, cwd?: string, env?: Record<string, string | undefined> }} [options]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export function run(command, args, { capture = false, ticking = false, aside = false, cwd = root, env = {} } = {}) {
  const since = performance.now()
  const ticker = ticking ? setInterval(() => console.log(`   … ${elapsed(since)}`), 15_000) : undefined
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...environment, ...(capture && { FORCE_COLOR: undefined, NO_COLOR: '1' }), ...env },
      stdio: ['ignore', capture ? 'pipe' : 'inherit', capture ? 'pipe' : 'inherit'],
      shell: process.platform === 'win32',
    })
    // What it starts inherits that. A program that could not be started has no id.
    if (aside && child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW)
    /** @type {Buffer[]} */
    const chunks = []
    child.stdout?.on('data', (chunk) => chunks.push(chunk))
    child.stderr?.on('data', (chunk) => chunks.push(chunk))
    child.on('error', (error) => {
      const output = `${command} could not be started: ${error.message}`
      if (!capture) console.error(output)
      resolve({ ok: false, output })
    })
    child.on('close', (status) => resolve({ ok: status === 0, output: Buffer.concat(chunks).toString() }))
  }).finally(() => clearInterval(ticker))
}

/**
 * `0.4 s`, `1 min 05 s`.
 *
 * @param {number} since a time of `performance.now()`
 */
export function elapsed(since) {
  const seconds = (performance.now() - since) / 1000
  if (seconds < 60) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${String(Math.floor(seconds % 60)).padStart(2, '0')} s`
}
