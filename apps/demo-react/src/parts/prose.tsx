import type { Copy } from 'demo-shared/copy/copy'
import { createProse, type Prose as ProseView } from 'demo-shared/prose/prose'
import { useLayoutEffect, useRef } from 'react'

interface ProseProps {
  readonly copy: Copy
  readonly text: string
  /** Whether there may be more of it. */
  readonly growing: boolean
  /** Whether it broke off before its end. */
  readonly cut?: boolean
}

/** Markdown, as a model writes it. */
export function Prose({ copy, text, growing, cut = false }: ProseProps) {
  const element = useRef<HTMLDivElement>(null)
  const prose = useRef<ProseView>(undefined)

  useLayoutEffect(() => {
    const created = createProse(element.current!)
    prose.current = created
    return created.leave
  }, [])
  useLayoutEffect(() => prose.current?.update({ text, growing, cut, labels: copy.code }))

  return <div className="prose" ref={element} />
}
