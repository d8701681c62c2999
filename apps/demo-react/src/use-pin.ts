import { type Pin, pinToEnd } from 'demo-shared/pin'
import { useEffect, useRef, useState } from 'react'

/** Keeps a scroller at its end while its content grows, until the reader scrolls up. */
export function usePin() {
  const scroller = useRef<HTMLElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const pin = useRef<Pin>(undefined)
  const [pinned, setPinned] = useState(true)

  useEffect(() => {
    const created = pinToEnd(scroller.current!, content.current!, setPinned)
    pin.current = created
    return created.release
  }, [])

  return { scroller, content, pinned, toEnd: () => pin.current?.toEnd() }
}
