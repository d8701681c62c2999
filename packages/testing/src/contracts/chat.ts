import { describe } from 'vitest'
import type { ChatHarness } from './binding-harness'
import { conversationCases } from './chat-conversation'
import { lifetimeCases } from './chat-lifetime'
import { turnCases } from './chat-turns'

/** What `useChat` of every binding does, in a page. Call it in a test file that runs in a browser or jsdom. */
export function chatContract(harness: ChatHarness): void {
  describe(`useChat, ${harness.name}`, () => {
    conversationCases(harness)
    turnCases(harness)
    lifetimeCases(harness)
  })
}
