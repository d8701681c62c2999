import { setTimeout as wait } from 'node:timers/promises'
import { StreamError } from '@keepstream/core'
import { type Route, type TaskContext, task } from '@keepstream/server'
import { z } from 'zod'
import { type ReportWords, reportWords } from './report-words'

const about = 'Give a topic of 1 to 80 characters.'

/** What the page may ask for. */
const reportInput = z.strictObject(
  {
    topic: z.string(about).trim().min(1, about).max(80, about),
    speed: z.enum(['slow', 'normal', 'fast'], 'Give slow, normal or fast.').default('normal'),
    /** Whether it shall fail in the middle of its work. */
    fail: z.boolean('Give true or false.').default(false),
    language: z.enum(['en', 'ko'], 'Give en or ko.').default('en'),
  },
  'Send a JSON object with topic, and speed, fail and language if you like.',
)
type ReportInput = z.infer<typeof reportInput>

export interface ReportResult {
  readonly title: string
  readonly summary: string
  readonly findings: readonly string[]
  readonly sources: number
  readonly pages: number
}

const steps = 8
// How long one step takes, in milliseconds.
const pace = { slow: 6_000, normal: 2_600, fast: 500 } as const
const ticks = 12
// Of the whole, in per cent.
const share = 100 / steps

/** A report that is put together in eight steps, two of them at once and by parts of their own. */
export const reports = (): Route<ReportInput> =>
  task<ReportInput>({
    input: reportInput,
    async run(context, input): Promise<ReportResult> {
      const { status, progress, log, child } = context
      const words = reportWords[input.language]
      const sources = 9 + (input.topic.length % 8)

      async function step(number: number, told?: (tick: number) => void): Promise<void> {
        const { name, message } = words.steps[number - 1]!
        status(name, message)
        await work(context, pace[input.speed], (done, tick) => {
          progress({ percent: (number - 1 + done) * share, step: number, steps, message })
          told?.(tick)
        })
      }

      log(words.begun(input.topic))
      await step(1)
      log(words.found(sources))
      await step(2, (tick) => {
        if (tick % 4 === 0) log(words.read(Math.min(sources, Math.ceil((tick / ticks) * sources)), sources))
      })
      await step(3)
      await step(4, (tick) => {
        if (tick !== ticks / 2) return
        log({ message: words.checked, level: 'warn' })
        if (input.fail) throw new StreamError('server', words.failed, { reason: 'figures_disagree' })
      })
      await step(5)
      // The two parts are steps 6 and 7, at once.
      const { name, message } = words.steps[5]!
      status(name, message)
      const written = [0, 0]
      await Promise.all(
        words.parts.map((part, index) =>
          child(part.name, (own) =>
            compose(own, part, pace[input.speed] * (1.2 + index), (done) => {
              written[index] = done
              const both = written[0]! + written[1]!
              progress({ percent: (5 + both) * share, step: both < 1 ? 6 : 7, steps, message })
            }),
          ),
        ),
      )
      await step(8)
      log(words.finished)
      return {
        title: words.title(input.topic),
        summary: words.summary(input.topic, sources),
        findings: words.findings,
        sources,
        pages: 6 + (input.topic.length % 5),
      }
    },
  })

async function compose(
  context: TaskContext<ReportInput>,
  { message, lines }: ReportWords['parts'][number],
  milliseconds: number,
  onProgress: (done: number) => void,
): Promise<void> {
  const { status, progress, log } = context
  status('composing', message)
  let written = 0
  await work(context, milliseconds, (done) => {
    progress({ percent: done * 100, message })
    onProgress(done)
    for (; written < Math.floor(done * lines.length); written++) log(lines[written]!)
  })
}

/** Time that passes in even pieces. Ends at once where the task is cancelled. */
async function work(
  { signal }: TaskContext<ReportInput>,
  milliseconds: number,
  tell: (done: number, tick: number) => void,
): Promise<void> {
  for (let tick = 1; tick <= ticks; tick++) {
    await wait(milliseconds / ticks, undefined, { signal })
    tell(tick / ticks, tick)
  }
}
