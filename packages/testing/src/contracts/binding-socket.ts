import { openaiChat } from '@keepstream/core'
import { describe, expect, it } from 'vitest'
import { createScriptedModel } from '../model/scripted-model'
import type { BindingHarness } from './binding-harness'
import { eventually, openPage } from './open-page'

/** The whole way once, over a real socket. */
export function socketCases(harness: BindingHarness): void {
  describe('over a real socket', () => {
    it('the answer of a model is shown to its end, with its usage', async () => {
      const answer = 'The wire was cut, 그리고 다시 이어졌다.'
      await using model = await createScriptedModel({ answer, tokensPerSecond: 200 })
      const page = await openPage(harness, [{ url: `${model.url}/chat/completions`, protocol: openaiChat() }])
      const messages = [{ role: 'user', content: 'What happened?' }]
      page.view().start({ model: 'scripted', messages, stream_options: { include_usage: true } })
      await eventually(() => expect(page.shown()).toEqual([`done: ${answer}`]))
      expect(page.view().data).toMatchObject({ finishReason: 'stop', usage: { outputTokens: expect.any(Number) } })
      expect(new Set(page.views[0]?.map(({ status }) => status))).toEqual(
        new Set(['idle', 'pending', 'streaming', 'done']),
      )
      expect(model.calls).toBe(1)
      await page.unmount()
    })
  })
}
