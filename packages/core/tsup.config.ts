import { defineConfig } from 'tsup'
import { shared } from '../../tsup.shared'

export default defineConfig({
  ...shared,
  entry: [
    'src/{index,sse,websocket,event-source,fetch-event-source,poll,pool,tabs,chat,compare,statistics,record}.ts',
    'src/protocols/{keepstream,openai-chat,openai-responses,anthropic,gemini,ai-sdk,ollama,task,topic,json,text}.ts',
  ],
})
