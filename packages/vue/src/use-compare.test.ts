import { keepstream } from '@keepstream/core'
import { compareContract, scriptedTransport } from '@keepstream/testing/contracts'
import { expect, it, onTestFinished } from 'vitest'
import { effectScope, nextTick, ref } from 'vue'
import { harnesses } from '../test/mount'
import { useCompare } from './index'

compareContract(harnesses.compare)

it('shows a model that is added to a reactive list', async () => {
  const scope = effectScope()
  onTestFinished(() => scope.stop())
  const models = ref(['small'])
  const transport = scriptedTransport()
  const compare = scope.run(() => useCompare(() => ({ transport, protocol: keepstream(), models: models.value })))!
  await nextTick()
  models.value.push('large')
  await expect.poll(() => compare.answers.value.map(({ model }) => model)).toEqual(['small', 'large'])
})
