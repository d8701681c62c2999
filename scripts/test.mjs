#!/usr/bin/env node
// What `npm test` runs once scripts/setup.mjs has installed everything: step by step, up to the first that fails.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { elapsed, run } from './run.mjs'
import { addToTally } from './tally.mjs'

const folder = mkdtempSync(join(tmpdir(), 'keepstream-test-'))
const began = performance.now()

/** What vitest's report counts; a file that could not be loaded counts as one failure, since its tests are unknown. */
function readReport(file) {
  const report = JSON.parse(readFileSync(file, 'utf8'))
  const broken = report.testResults.filter(
    (result) => result.status === 'failed' && result.assertionResults.length === 0,
  )
  return { passed: report.numPassedTests, failed: report.numFailedTests + broken.length }
}

async function vitest(name, args) {
  const file = join(folder, `${name}.json`)
  const { ok } = await run('vitest', [
    'run',
    ...args,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${file}`,
  ])
  let counts = { passed: 0, failed: 0 }
  try {
    counts = readReport(file)
  } catch {
    // It ended before it wrote a report: a failure, counted below.
  }
  // An error outside every test fails the run and no test.
  return ok || counts.failed > 0 ? counts : { ...counts, failed: 1 }
}

async function build() {
  const { ok } = await run('turbo', ['run', 'build', '--output-logs=errors-only'], { ticking: true })
  return { passed: 0, failed: ok ? 0 : 1 }
}

/** In the time that tests leave which wait for sockets and timers; two packages at once, which leaves them their memory. */
async function types() {
  const args = ['run', 'typecheck', '--concurrency=2', '--output-logs=errors-only']
  const { ok, output } = await run('turbo', args, { aside: true, capture: true })
  if (!ok) console.log(output.trimEnd())
  return { passed: 0, failed: ok ? 0 : 1 }
}

async function testsAndTypes() {
  const [tests, checked] = await Promise.all([vitest('unit', []), types()])
  return { passed: tests.passed, failed: tests.failed + checked.failed }
}

const steps = [
  { title: 'Building the packages and the demos', otherwise: 'The build failed', start: build },
  {
    title: 'Unit, contract and fault tests, and the types beside them',
    otherwise: 'Tests failed, or the types do not check',
    start: testsAndTypes,
  },
  {
    title: 'End to end in Chromium, over what was built',
    otherwise: 'End-to-end tests failed',
    start: () => vitest('end-to-end', ['--config', 'test/vitest.e2e.config.ts']),
  },
]

let passed = 0
let failed = 0
let reason = ''
for (const [index, { title, otherwise, start }] of steps.entries()) {
  console.log(`\n━━ ${index + 1}/${steps.length}  ${title}`)
  const since = performance.now()
  const counts = await start()
  passed += counts.passed
  failed += counts.failed
  if (counts.failed > 0) {
    const rest = steps.length - index - 1
    reason = `${otherwise} (step ${index + 1} of ${steps.length}); the lines above say why.${rest > 0 ? ` ${rest} not run.` : ''}`
    break
  }
  console.log(`   done in ${elapsed(since)}`)
}

rmSync(folder, { recursive: true, force: true })
addToTally(passed, failed)
console.log(`\nnpm test: ${passed} passed, ${failed} failed, in ${elapsed(began)}.`)
if (reason !== '') {
  console.error(`npm test: ${reason}`)
  process.exitCode = 1
}
