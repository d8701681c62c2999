import { defineConfig } from 'tsup'
import { shared } from '../../tsup.shared'

export default defineConfig({
  ...shared,
  entry: ['src/index.ts', 'src/metrics.ts', 'src/node.ts', 'src/redis.ts', 'src/undici.ts', 'src/websocket.ts'],
})
