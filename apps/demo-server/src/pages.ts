import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { serveStatic } from '@hono/node-server/serve-static'
import { StreamError } from '@keepstream/core'
import { Hono } from 'hono'
import { etag } from 'hono/etag'
import { secureHeaders } from 'hono/secure-headers'

/** Where each page is, and what it is built by. */
const built = { '/': 'demo-shared', '/react/': 'demo-react', '/vue/': 'demo-vue', '/svelte/': 'demo-svelte' } as const

/** The start page and the built demos. Their assets carry a hash of their content in their names; the pages name them. */
export function pages(): Hono {
  const app = new Hono()
  app.use(
    secureHeaders({
      contentSecurityPolicy: { defaultSrc: ["'self'"], imgSrc: ["'self'", 'data:'], frameAncestors: ["'none'"] },
      strictTransportSecurity: false, // The demo is on plain HTTP, at an address that other servers use tomorrow.
    }),
  )
  // The start page last: below its address are all others.
  for (const [path, name] of Object.entries(built).reverse()) {
    const root = folderOf(name)
    // What a page names is relative to the page.
    if (path !== '/') app.get(path.slice(0, -1), ({ redirect }) => redirect(path, 308))
    const rewriteRequestPath = (asked: string) => asked.slice(path.length - 1)
    app.use(
      `${path}assets/*`,
      serveStatic({
        root,
        rewriteRequestPath,
        onFound: (_, context) => cache(context, 'public, max-age=31536000, immutable'),
      }),
    )
    app.use(`${path}*`, etag())
    app.use(`${path}*`, serveStatic({ root, rewriteRequestPath, onFound: (_, context) => cache(context, 'no-cache') }))
  }
  return app
}

function folderOf(name: string): string {
  const root = join(dirname(createRequire(import.meta.url).resolve(`${name}/package.json`)), 'dist')
  if (existsSync(join(root, 'index.html'))) return root
  throw new StreamError('option', `There is no page in ${root}. Build it with \`npm run build\`, then start again.`)
}

const cache = ({ header }: { header: (name: string, value: string) => void }, value: string) =>
  header('cache-control', value)
