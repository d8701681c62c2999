import type { Browser } from 'playwright-core'

/** What a thread of the browser did, or a mark that a page set. Times in microseconds of one clock. */
export interface TraceEvent {
  readonly name: string
  readonly cat: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  /** How long it lasted. Absent: a mark, or what was not over when the trace was. */
  readonly dur?: number
  /** What of it the thread computed. */
  readonly tdur?: number
}

// `RunTask` is what the performance panel of DevTools shows as a task; the other is what `performance.mark` sets.
const categories = ['disabled-by-default-devtools.timeline', 'blink.user_timing'] as const
const isWanted = ({ name, cat }: TraceEvent) => name === 'RunTask' || cat === categories[1]

/** Tasks of all threads of the browser, and marks of all its pages, while `use` ran. One trace at a time. */
export async function trace<T>(browser: Browser, use: () => Promise<T>) {
  const session = await browser.newBrowserCDPSession()
  const events: TraceEvent[] = []
  session.on('Tracing.dataCollected', ({ value }) => {
    for (const event of value as unknown as TraceEvent[]) if (isWanted(event)) events.push(event)
  })
  await session.send('Tracing.start', {
    transferMode: 'ReportEvents',
    traceConfig: {
      recordMode: 'recordUntilFull',
      traceBufferSizeInKb: 400_000, // A minute of seven pages takes a third of it.
      includedCategories: [...categories],
      excludedCategories: ['*'],
    },
  })
  const outcome = await use()
  const complete = new Promise<boolean>((resolve) => {
    session.once('Tracing.tracingComplete', ({ dataLossOccurred }) => resolve(!dataLossOccurred))
  })
  await session.send('Tracing.end')
  if (!(await complete)) throw new Error('The trace was longer than its buffer.')
  await session.detach()
  return { outcome, events }
}
