import { expectTypeOf } from 'vitest'
import { keepstream, persistent, type Snapshot, type TaskState, task, useTask } from './index'

interface Report {
  readonly rows: number
}

export function Job() {
  const job = useTask<Report>({ url: '/api/report' })
  expectTypeOf(job.data.result).toEqualTypeOf<Report | undefined>()
  expectTypeOf(job.data.percent).toBeNumber()
  expectTypeOf(job.start({ month: 5 })).resolves.toEqualTypeOf<Snapshot<TaskState<Report>>>()
  expectTypeOf(useTask({ url: '/api/report' }).data.result).toBeUnknown()
  expectTypeOf(useTask({ url: '/api/report' }, ({ data }) => data.percent)).toBeNumber()

  useTask({ url: '/api/report', protocol: task({ log: 10 }), persist: persistent('report'), key: 'report' })
  useTask({ url: '/api/report/1', method: 'GET' })

  // @ts-expect-error A task is no conversation.
  useTask({ url: '/api/report', protocol: keepstream() })
  // @ts-expect-error There is no such option.
  useTask({ url: '/api/report', poll: 1_000 })
  // @ts-expect-error The result is what the caller said.
  job.data.result?.columns
  // @ts-expect-error Nobody but the server says how far it is.
  job.data.percent = 100
}
