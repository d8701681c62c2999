import { registry } from '@keepstream/core'
import {
  createGate,
  endFrame,
  helloFrame,
  optionsOver,
  scriptedTransport,
  textFrame,
} from '@keepstream/testing/contracts'
import { render } from '@testing-library/svelte'
import type { Component } from 'svelte'
// @ts-expect-error What the compiler calls in a development build has no types.
import { HMR, hmr } from 'svelte/internal/client'
import { afterEach, describe, expect, it } from 'vitest'
import Changed from '../test/GetterAnswer.svelte'
import Parts from '../test/Parts.svelte'
import { stream } from '../test/shows'

afterEach(() => registry.clear())

/** A component as the compiler wraps it in a development build. */
const hot = (component: unknown) => hmr(component) as Component & Record<symbol, { update(to: unknown): void }>

describe('a component that is changed while the page is open', () => {
  it('goes on with the stream of its key, and asks nothing again', async () => {
    const gate = createGate()
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], gate, [textFrame(2, 'lo'), endFrame(3)]])
    const options = optionsOver(transport, { key: 'hot', linger: 1_000 })
    const seen = { status: [] as string[], words: [], text: [] }
    const component = hot(Parts)
    const page = render(component, { props: { options, seen, shows: stream, report: () => {} } as never })
    registry.get(options).start()
    await expect.poll(() => page.container.textContent).toBe('streaming')
    const before = seen.status.length
    component[HMR]?.update(hot(Changed))
    await expect.poll(() => page.container.textContent).toBe('streaming: Hel')
    gate.open()
    await expect.poll(() => page.container.textContent).toBe('done: Hello')
    expect(transport.attempts).toHaveLength(1)
    // The effects of what it was are gone.
    expect(seen.status).toHaveLength(before)
  })
})
