import { isUnsuited } from './check'
import { checks } from './checks'
import { isMismatch, mismatch } from './mismatch'
import { type ConformanceOptions, resolveOptions, type Settings } from './options'
import { type CheckResult, createReport, type Outcome, type Report } from './report'
import { shortScript } from './script'
import { createSubject, entriesOf } from './subject'

type Check = (typeof checks)[number]

// How many checks are at work at once. Each waits for the server most of the time, but a server may bound its readers.
const lanes = 4

const noScripts =
  'The route was not seen to run a script of the suite. Where it runs none, give it `inputs` (--short and --long).'

/**
 * Checks a server against PROTOCOL.md, over plain HTTP and WebSockets. Resolves with a report, also where everything
 * fails: only wrong options reject, as a `StreamError` with the code `option`.
 */
export async function runConformance(options: ConformanceOptions): Promise<Report> {
  const settings = resolveOptions(options)
  const wanted = checks.filter((check) => isWanted(settings, check))
  const scripted = settings.inputs === undefined && (await runsScripts(settings))
  const last = wanted.filter(({ group, alone }) => alone || group === 'drain')
  const results = await runChecks(
    wanted.filter((check) => !last.includes(check)),
    settings,
    scripted,
  )
  for (const check of last) results.push(await runCheck(check, settings, scripted))
  const unsuited = settings.inputs === undefined && !scripted && results.some(({ outcome }) => outcome === 'fail')
  return createReport(`${settings.origins[0].origin}${settings.route}`, results, unsuited ? noScripts : undefined)
}

const isWanted = ({ only, except = [] }: Settings, { clauses }: Check) =>
  (only === undefined || clauses.some((clause) => only.includes(clause))) &&
  !clauses.some((clause) => except.includes(clause))

/** Whether the answer to a script is what the script says. */
async function runsScripts(settings: Settings): Promise<boolean> {
  const subject = createSubject(settings, true)
  try {
    const { reading } = await subject.start(shortScript)
    const last = entriesOf(await reading.rest()).map(({ event }) => event)
    return last.includes('usage') && last.includes('end')
  } catch {
    return false
  } finally {
    await subject.clear()
  }
}

async function runChecks(wanted: readonly Check[], settings: Settings, scripted: boolean): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  const rest = [...wanted.entries()]
  async function work(): Promise<void> {
    for (let next = rest.shift(); next; next = rest.shift()) {
      results[next[0]] = await runCheck(next[1], settings, scripted)
    }
  }
  await Promise.all(Array.from({ length: lanes }, work))
  return results
}

async function runCheck(check: Check, settings: Settings, scripted: boolean): Promise<CheckResult> {
  const { group, clauses, title, unless, run } = check
  const since = performance.now()
  const result = (outcome: Outcome, details: { readonly expected?: string; readonly seen?: string } = {}) => {
    return { group, clauses, title, outcome, ...details, milliseconds: Math.round(performance.now() - since) }
  }
  const subject = createSubject(settings, scripted)
  const why = unless?.(subject)
  if (why !== undefined) return result('not-applicable', { seen: why })
  try {
    await run(subject)
    return result('pass')
  } catch (error) {
    if (isUnsuited(error)) return result('not-applicable', { seen: error.message })
    const { expected, seen } = isMismatch(error) ? error : mismatch('an answer that the check can read', String(error))
    return result('fail', { expected, seen })
  } finally {
    await subject.clear()
  }
}
