import { expectTypeOf } from 'vitest'
import { keepstream, type Status, type TaskState, task, useTask } from './index'

interface Report {
  readonly pages: number
}

const job = useTask<Report>({ url: '/api/report' })
expectTypeOf(job.data).toEqualTypeOf<TaskState<Report>>()
expectTypeOf(job.data.result?.pages).toEqualTypeOf<number | undefined>()
expectTypeOf(job.status).toEqualTypeOf<Status>()
expectTypeOf(job.start({ year: 2026 }))
  .resolves.toHaveProperty('data')
  .toEqualTypeOf<TaskState<Report>>()
job.subscribe(({ data }) => expectTypeOf(data).toEqualTypeOf<TaskState<Report>>())

// What nobody described is not known.
expectTypeOf(useTask({ url: '/api/report' }).data.result).toBeUnknown()
const own = useTask(() => ({ method: 'GET', url: '/api/report/1', protocol: task<Report>({ log: 5 }) }))
expectTypeOf(own.data.result).toEqualTypeOf<Report | undefined>()

// @ts-expect-error A task speaks of tasks.
useTask({ url: '/api/report', protocol: keepstream() })
// @ts-expect-error There is no such option.
useTask({ url: '/api/report', steps: 3 })
