#!/usr/bin/env node
// All the set-up: pinned pnpm, locked dependencies and, when asked for, system packages.
// Node's own modules only: it runs before anything is installed. Safe to run again.
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findChromium, findProgram, findRedis } from './programs.mjs'

const root = fileURLToPath(new URL('..', import.meta.url))
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

function stop(sentence) {
  console.error(`\nsetup: ${sentence}`)
  process.exit(1)
}

/**
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, cwd?: string, otherwise?: string }} options `otherwise`: what to say where it fails; without it, its failure is no matter.
 */
function run(command, args, { env = {}, cwd = root, otherwise }) {
  const result = spawnSync(command, args, {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, ...env },
    shell: process.platform === 'win32',
  })
  if (result.status !== 0 && otherwise !== undefined) stop(otherwise)
}

const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  stop(`Node 20.19 or newer is needed, this is ${process.version}. Install it from your package manager or nvm.`)
}

console.log('setup: installing npm packages …')
// From outside the repository, so that it is never the copy in node_modules, which pnpm may have to replace while it runs.
run(
  'npx',
  [
    '--yes',
    manifest.packageManager.split('+')[0],
    '--dir',
    root,
    'install',
    '--frozen-lockfile',
    '--prefer-offline',
    '--reporter=append-only',
  ],
  {
    env: { CI: '1' }, // Without a terminal pnpm would otherwise refuse to replace node_modules.
    cwd: tmpdir(),
    otherwise: 'the npm packages could not be installed; the lines above say why. Is the npm registry reachable?',
  },
)

/** What is not there yet of the programs that npm does not bring, and the Debian packages that bring it. */
function findMissing() {
  const missing = []
  if (process.argv.includes('--browser') && !findChromium()) {
    missing.push('chromium', 'fonts-liberation', 'fonts-noto-cjk') // The demos speak Korean, too.
  }
  if (process.argv.includes('--redis') && !findRedis()) missing.push('redis-server')
  return missing
}

const missing = findMissing()
if (missing.length > 0) {
  const list = missing.join(', ')
  const byHand = `Install ${list} by hand, or set CHROMIUM_PATH and REDIS_SERVER to the programs, and try again.`
  if (!findProgram(['apt-get'])) stop(`the tests need ${list}, and this machine has no apt-get. ${byHand}`)
  console.log(`setup: installing ${list} with apt-get …`)
  const isRoot = process.getuid?.() === 0
  const command = isRoot ? 'apt-get' : 'sudo'
  const before = isRoot ? [] : ['-n', 'apt-get']
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  run(command, [...before, 'update', '-q'], { env }) // One source that is out of reach need not be the one that matters.
  run(command, [...before, 'install', '-y', '-q', '--no-install-recommends', ...missing], {
    env,
    otherwise: `apt-get could not install ${list}; the lines above say why (it needs root). ${byHand}`,
  })
  const still = findMissing()
  if (still.length > 0) stop(`apt-get brought no ${still[0]} that could be found on the PATH. ${byHand}`)
}
console.log('setup: everything is there.')
