import { useChat } from '@ai-sdk/react'
import { DefaultChatTransport } from 'ai'
import { addressOf } from '../asked'
import { offerReact } from './react-page'

/** `throttle`: as its documentation offers it, in milliseconds. */
export function offerChat(throttle?: number): void {
  offerReact((asked) => {
    const { messages, sendMessage, status } = useChat({
      transport: new DefaultChatTransport({ api: addressOf('ai-sdk', asked) }),
      ...(throttle !== undefined && { throttle }),
    })
    const answer = messages.find(({ role }) => role === 'assistant')
    const text = answer?.parts.map((part) => (part.type === 'text' ? part.text : '')).join('') ?? ''
    return { text, begin: () => sendMessage({ text: 'Tell me.' }), over: status === 'ready' && text !== '' }
  })
}
