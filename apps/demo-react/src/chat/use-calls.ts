import type { ChatMessage } from 'demo-shared/chat/conversation'
import { readCalls } from 'demo-shared/chat/faults'
import { useEffect, useState } from 'react'

/** How often the model was asked for an answer that is complete; nothing before, and where the server cannot tell. */
export function useCalls(complete: boolean, messages: readonly ChatMessage[], askedAt: number): number | undefined {
  const [calls, setCalls] = useState<number>()
  const asked = JSON.stringify(messages)
  useEffect(() => {
    setCalls(undefined)
    if (!complete) return
    const controller = new AbortController()
    readCalls(JSON.parse(asked), askedAt, controller.signal).then((found) => {
      if (!controller.signal.aborted) setCalls(found?.length)
    })
    return () => controller.abort()
  }, [complete, asked, askedAt])
  return calls
}
