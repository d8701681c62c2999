import { describe } from 'vitest'
import { answerCases } from './binding-answer'
import type { BindingHarness } from './binding-harness'
import { lifecycleCases } from './binding-lifecycle'
import { renderCases } from './binding-render'
import { sharingCases } from './binding-sharing'
import { socketCases } from './binding-socket'

/** What every binding does, in a page. Call it in a test file that runs in a browser or jsdom. */
export function bindingContract(harness: BindingHarness): void {
  describe(`useStream, ${harness.name}`, () => {
    answerCases(harness)
    renderCases(harness)
    lifecycleCases(harness)
    sharingCases(harness)
    socketCases(harness)
  })
}
