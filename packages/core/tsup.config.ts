import { defineConfig } from 'tsup'
import { shared } from '../../tsup.shared'

export default defineConfig({
  ...shared,
  entry: ['src/index.ts', 'src/sse.ts', 'src/protocols/{keepstream,openai-chat,text}.ts'],
})
