import { createServer } from './server.mjs'

// Bun closes a connection that says nothing for ten seconds, unless it is told not to.
const { url } = Bun.serve({ hostname: '127.0.0.1', port: 0, idleTimeout: 0, fetch: createServer() })
console.log(url.href)
