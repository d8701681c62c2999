import { Client as LangGraph } from '@langchain/langgraph-sdk'
import { authorization, type Client } from '../reading'

/** A resumable run; reconnecting and watching heartbeats (`streamIdleReconnect: 'auto'`) are its defaults. */
export const read: Client = async ({ url, token, report }) => {
  const client = new LangGraph({
    apiUrl: url,
    apiKey: null,
    onRequest: async (_, init) => ({ ...init, headers: { ...init.headers, ...authorization(token()) } }),
  })
  let text = ''
  const run = client.runs.stream('thread', 'agent', {
    input: { messages: [{ role: 'user', content: 'Tell me.' }] },
    streamMode: 'messages-tuple',
    streamResumable: true,
    onDisconnect: 'continue',
  })
  for await (const { event, data } of run) {
    if (event !== 'messages') continue
    text += data[0].content
    report({ text, status: 'streaming' })
  }
  report({ text, status: 'done' })
}
