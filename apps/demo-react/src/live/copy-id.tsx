import type { Copy } from 'demo-shared/copy/copy'
import { useEffect, useState } from 'react'

interface CopyIdProps {
  readonly copy: Copy
  readonly client: string
}

export function CopyId({ copy: { live }, client }: CopyIdProps) {
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
      title={copied ? live.tab.copied : live.tab.copy}
      aria-label={copied ? live.tab.copied : live.tab.copy}
      onClick={() => navigator.clipboard.writeText(client).then(() => setCopied(true))}
    >
      <span className={copied ? 'icon icon-check' : 'icon icon-copy'} aria-hidden="true" />
    </button>
  )
}
