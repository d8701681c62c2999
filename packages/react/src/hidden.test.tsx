import { createRegistry, type StreamDefaults } from '@keepstream/core'
import { endFrame, helloFrame, optionsOver, scriptedTransport, textFrame } from '@keepstream/testing/contracts'
import { render } from '@testing-library/react'
import type { ReactNode } from 'react'
import * as React from 'react'
import { beforeAll, describe, expect, it } from 'vitest'
import { KeepstreamProvider, useChat, useStream } from './index'

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: false })
})

const key = 'hidden'
const transport = () =>
  scriptedTransport(
    [[helloFrame(), textFrame(1, 'Old'), endFrame(2)]],
    [[helloFrame(), textFrame(1, 'New'), endFrame(2)]],
  )
type Given = ReturnType<typeof optionsOver>

function Answer({ options }: { options: Given }) {
  return useStream(options).data.text
}

function Conversation({ options }: { options: Given }) {
  return useChat(options).messages.map(({ content }) => content)
}

const { Activity } = React as { Activity?: (props: { mode: string; children: ReactNode }) => ReactNode }

// React 18 has none.
describe.runIf(Activity)('a component that was hidden for longer than its stream is remembered', () => {
  it.each([
    ['a stream', Answer],
    ['a conversation', Conversation],
  ])('shows what its key means now: %s', async (_, Shown) => {
    const registry = createRegistry({ retention: 1 })
    const defaults: StreamDefaults = { registry }
    const options = optionsOver(transport(), { key })
    const Hides = Activity!
    // The same element each time, so that nothing but the mode renders.
    const shown = <Shown options={options} />
    const page = (mode: string) => (
      <KeepstreamProvider defaults={defaults}>
        <Hides mode={mode}>{shown}</Hides>
      </KeepstreamProvider>
    )
    const { container, rerender } = render(page('visible'))
    await registry.get(options).start()
    await expect.poll(() => container.textContent).toBe('Old')
    rerender(page('hidden'))
    await expect.poll(() => registry.get(options).get().status).toBe('idle')
    const elsewhere = registry.get(options)
    rerender(page('visible'))
    expect(registry.get(options)).toBe(elsewhere)
    await elsewhere.start()
    await expect.poll(() => container.textContent).toBe('New')
    registry.clear()
  })
})
