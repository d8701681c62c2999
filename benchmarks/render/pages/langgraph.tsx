import { useStream } from '@langchain/langgraph-sdk/react'
import { addressOf } from '../asked'
import { offerReact } from './react-page'

interface State extends Record<string, unknown> {
  readonly messages: { readonly id?: string; readonly type: string; readonly content: string }[]
}

offerReact((asked) => {
  const { messages, submit, isLoading } = useStream<State>({
    apiUrl: addressOf('langgraph', asked),
    assistantId: 'agent',
  })
  const text = messages
    .filter(({ type }) => type === 'ai')
    .map(({ content }) => content)
    .join('')
  const begin = () => submit({ messages: [{ type: 'human', content: 'Tell me.' }] })
  return { text, begin, over: !isLoading && text !== '' }
})
