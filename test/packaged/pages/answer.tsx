'use client'
import { keepstream, StreamText, useStream } from '@keepstream/react'

export function Answer() {
  const answer = useStream({ url: '/api/chat', protocol: keepstream() })
  return (
    <main>
      <button type="button" onClick={() => answer.start({ messages: [{ role: 'user', content: 'Hello' }] })}>
        Ask
      </button>
      <StreamText as="article" text={answer.data.text} />
      <output>{answer.status}</output>
    </main>
  )
}
