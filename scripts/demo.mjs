#!/usr/bin/env node
// `npm run demo`: installs what is missing, builds what the demo needs and starts it, in this very process, so that Ctrl+C and
// SIGTERM reach the server itself and once.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { elapsed, root, run } from './run.mjs'

function stop(sentence) {
  console.error(`\ndemo: ${sentence}`)
  process.exit(1)
}

async function step(title, otherwise, command, args) {
  console.log(`\n━━ ${title}`)
  const since = performance.now()
  const { ok } = await run(command, args, { ticking: true })
  if (!ok) stop(otherwise)
  console.log(`   done in ${elapsed(since)}`)
}

// The shell between npm and this process dies of a SIGTERM and passes none on: with it gone, nobody could stop the server.
const shell = process.ppid
if (process.env.npm_lifecycle_event !== undefined) {
  const watch = setInterval(() => {
    if (process.ppid === shell) return
    clearInterval(watch)
    process.kill(process.pid, 'SIGTERM')
  }, 500).unref()
}

await step('1/3  Installing the packages', 'the set-up failed; the lines above say why.', process.execPath, [
  'scripts/setup.mjs',
])
await step('2/3  Building the packages and the demo', 'the build failed; the lines above say why.', 'turbo', [
  'run',
  'build',
  '--filter=demo-server...',
  '--output-logs=errors-only',
])

console.log('\n━━ 3/3  Starting the demo server (Ctrl+C stops it)')
const server = join(root, 'apps', 'demo-server', 'dist', 'main.js')
if (!existsSync(server)) stop(`the build left no ${server}.`)
await import(pathToFileURL(server).href)
