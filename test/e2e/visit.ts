import type { ScriptedModel } from '@keepstream/testing'
import { createDemo, type Demo, type DemoOptions } from 'demo-server'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect } from 'vitest'
import { launch, openPage, type PageOptions } from './browser'
import { type ChatPage, chatPage } from './chat-page'
import type { Framework } from './demos'

export interface Visit extends Omit<Demo, 'model'> {
  readonly page: Page
  readonly chat: ChatPage
  readonly model: ScriptedModel
}

export interface VisitOptions extends DemoOptions {
  readonly page?: PageOptions
  /** Of the demo. Default: the chat. */
  readonly at?: string
}

/**
 * One browser for the file. A visit has a demo, a context and a page of its own, closed when it is over, so that visits can
 * be beside each other. What the page reports as an error fails it.
 */
export function useVisits() {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())

  return async (
    framework: Framework,
    { page: pageOptions, at = '', ...options }: VisitOptions,
    act: (visit: Visit) => Promise<void>,
  ): Promise<void> => {
    const demo = await createDemo(options)
    try {
      if (!demo.model) throw new Error('These tests are for the scripted model.')
      const { page, errors } = await openPage(browser, `${demo.url}/${framework}/${at}`, pageOptions)
      try {
        const { model, url, proxy, service, close } = demo
        const visit = { page, chat: chatPage(page), model, url, proxy, service, close }
        await act(visit as Visit)
      } finally {
        await page.context().close()
      }
      expect(errors, 'what the page reported').toEqual([])
    } finally {
      await demo.close({ drainTimeout: 0 })
    }
  }
}
