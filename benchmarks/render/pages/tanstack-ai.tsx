import { fetchServerSentEvents, useChat } from '@tanstack/ai-react'
import { addressOf } from '../asked'
import { offerReact } from './react-page'

offerReact((asked) => {
  const { messages, sendMessage, status } = useChat({
    connection: fetchServerSentEvents(addressOf('tanstack-ai', asked)),
  })
  const answer = messages.find(({ role }) => role === 'assistant')
  const text = answer?.parts.map((part) => (part.type === 'text' ? part.content : '')).join('') ?? ''
  return { text, begin: () => sendMessage('Tell me.'), over: status === 'ready' && text !== '' }
})
