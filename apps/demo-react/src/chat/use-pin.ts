import { type Pin, pinToEnd } from 'demo-shared/chat/pin'
import { useEffect, useRef, useState } from 'react'

/** Keeps a scroller at its end while its content grows, once there is something to follow and until the reader scrolls up. */
export function usePin(following: boolean) {
  const scroller = useRef<HTMLElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const pin = useRef<Pin>(undefined)
  const [pinned, setPinned] = useState(true)

  useEffect(() => {
    if (!following) return
    const created = pinToEnd(scroller.current!, content.current!, setPinned)
    pin.current = created
    return created.release
  }, [following])

  return { scroller, content, pinned, toEnd: () => pin.current?.toEnd() }
}
