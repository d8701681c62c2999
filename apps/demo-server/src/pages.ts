import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { StreamError } from '@keepstream/core'
import { Hono } from 'hono'
import { etag } from 'hono/etag'
import { secureHeaders } from 'hono/secure-headers'

/** The built page of the React demo. Its assets carry a hash of their content in their names; the page names them. */
export function pages(): Hono {
  const root = join(dirname(createRequire(import.meta.url).resolve('demo-react/package.json')), 'dist')
  if (!existsSync(join(root, 'index.html'))) {
    throw new StreamError('option', `There is no page in ${root}. Build it with \`npm run build\`, then start again.`)
  }
  const app = new Hono()
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'self'"], imgSrc: ["'self'", 'data:'], frameAncestors: ["'none'"] },
      strictTransportSecurity: false, // The demo is on plain HTTP, at an address that other servers use tomorrow.
    }),
  )
  app.use(
    '/assets/*',
    serveStatic({ root, onFound: (_, context) => cache(context, 'public, max-age=31536000, immutable') }),
  )
  app.use(etag())
  app.use(serveStatic({ root, onFound: (_, context) => cache(context, 'no-cache') }))
  return app
}

const cache = ({ header }: { header: (name: string, value: string) => void }, value: string) =>
  header('cache-control', value)
