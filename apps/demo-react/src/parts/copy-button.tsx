import type { ChatCopy } from 'demo-shared/copy/chat'
import { useEffect, useState } from 'react'

interface CopyButtonProps {
  readonly copy: ChatCopy
  readonly text: string
}

export function CopyButton({ copy, text }: CopyButtonProps) {
  const [copied, setCopied] = useState(false)
  useEffect(() => {
    if (!copied) return
    const timer = setTimeout(() => setCopied(false), 2_000)
    return () => clearTimeout(timer)
  }, [copied])

  return (
    <button
      className="quiet"
      type="button"
      title={copied ? copy.copied : copy.copyAnswer}
      aria-label={copied ? copy.copied : copy.copyAnswer}
      onClick={() => navigator.clipboard.writeText(text).then(() => setCopied(true))}
    >
      <span className={copied ? 'icon icon-check' : 'icon icon-copy'} aria-hidden="true" />
    </button>
  )
}
