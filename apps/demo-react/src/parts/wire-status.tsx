import type { Copy } from 'demo-shared/copy/copy'
import { type Connected, describeWire } from 'demo-shared/shell/wire'
import { useNow } from './use-now'

interface WireStatusProps {
  readonly copy: Copy
  readonly answer: Connected
}

export function WireStatus({ copy, answer }: WireStatusProps) {
  const now = useNow(answer.connection.state === 'waiting')
  const { tone, text } = describeWire(answer, now, copy)
  return (
    <p className="wire" data-tone={tone}>
      <span className="unseen">{copy.wire.label}: </span>
      {text}
    </p>
  )
}
