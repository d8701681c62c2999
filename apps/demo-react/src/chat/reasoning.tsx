import type { Copy } from 'demo-shared/copy/copy'
import { Prose } from '../parts/prose'

interface ReasoningProps {
  readonly copy: Copy
  readonly text: string
  /** Whether the model still thinks. */
  readonly running: boolean
}

/** How the model came to its answer. Closed until somebody wants it, so that nothing moves when the answer begins. */
export function Reasoning({ copy, text, running }: ReasoningProps) {
  return (
    <details className="reasoning" data-running={running || undefined}>
      <summary>{running ? copy.chat.reasoning.running : copy.chat.reasoning.over}</summary>
      <Prose copy={copy} text={text} growing={running} />
    </details>
  )
}
