import type { ChatMessage } from 'demo-shared/conversation'
import { readCalls } from 'demo-shared/lab'
import { useEffect, useState } from 'react'

/** How often the model was asked for an answer that is over; nothing before, and where the server cannot tell. */
export function useCalls(over: boolean, messages: readonly ChatMessage[], askedAt: number): number | undefined {
  const [calls, setCalls] = useState<number>()
  const asked = JSON.stringify(messages)
  useEffect(() => {
    setCalls(undefined)
    if (!over) return
    const controller = new AbortController()
    readCalls(JSON.parse(asked), askedAt, controller.signal).then((found) => {
      if (!controller.signal.aborted) setCalls(found?.length)
    })
    return () => controller.abort()
  }, [over, asked, askedAt])
  return calls
}
