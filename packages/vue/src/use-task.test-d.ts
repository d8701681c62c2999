import { expectTypeOf } from 'vitest'
import { ref } from 'vue'
import { keepstream, type Status, type TaskState, task, useTask } from './index'

interface Report {
  readonly pages: number
}

const { data, status, start } = useTask<Report>({ url: '/api/report' })
expectTypeOf(data.value).toEqualTypeOf<TaskState<Report>>()
expectTypeOf(data.value.result?.pages).toEqualTypeOf<number | undefined>()
expectTypeOf(status.value).toEqualTypeOf<Status>()
expectTypeOf(start({ year: 2026 }))
  .resolves.toHaveProperty('data')
  .toEqualTypeOf<TaskState<Report>>()

// What nobody described is not known.
expectTypeOf(useTask({ url: '/api/report' }).data.value.result).toBeUnknown()
const id = ref('1')
const own = useTask(() => ({ method: 'GET', url: `/api/report/${id.value}`, protocol: task<Report>({ log: 5 }) }))
expectTypeOf(own.data.value.result).toEqualTypeOf<Report | undefined>()

// @ts-expect-error A task speaks of tasks.
useTask({ url: '/api/report', protocol: keepstream() })
// @ts-expect-error There is no such option.
useTask({ url: '/api/report', steps: 3 })
