'use client'
import { keepstream, StreamText, useStream } from '@keepstream/react'
import { useEffect, useState } from 'react'

export function Answer() {
  const answer = useStream({ url: '/api/chat', protocol: keepstream() })
  const [mounted, setMounted] = useState(false)
  useEffect(() => setMounted(true), [])
  const ask = () => void answer.start({ messages: [{ role: 'user', content: 'Hello' }] })
  return (
    <main>
      <button type="button" disabled={!mounted} onClick={ask}>
        Ask
      </button>
      <StreamText as="article" text={answer.data.text} />
      <output>{answer.status}</output>
    </main>
  )
}
