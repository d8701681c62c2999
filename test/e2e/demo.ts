import type { ScriptedModel } from '@keepstream/testing'
import { createDemo, type Demo, type DemoOptions } from 'demo-server'
import { afterEach } from 'vitest'

/** Starts demos on free ports, which are closed after the test. */
export function useDemo() {
  const started: Demo[] = []
  afterEach(async () => {
    await Promise.all(started.splice(0).map((demo) => demo.close({ drainTimeout: 0 })))
  })
  return async (options: DemoOptions = {}): Promise<Demo & { readonly model: ScriptedModel }> => {
    const demo = await createDemo(options)
    started.push(demo)
    if (!demo.model) throw new Error('These tests are for the scripted model.')
    return demo as Demo & { readonly model: ScriptedModel }
  }
}
