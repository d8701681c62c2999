import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type ViteDevServer } from 'vite'
import { afterEach, expect, test } from 'vitest'
import { ownPort } from '../../packages/server/test/own-port'
import { useBrowser } from './browser'
import { chatPage, expectWhole } from './chat-page'
import { useDemo } from './demo'
import { numbered } from './script'

const { open } = useBrowser()
const demo = useDemo()
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup()
})

/** The page as developers see it: only React's development build mounts everything twice under StrictMode. */
async function develop(target: string): Promise<ViteDevServer> {
  const cacheDir = await mkdtemp(join(tmpdir(), 'keepstream-vite-'))
  const server = await createServer({
    root: join(import.meta.dirname, '../../apps/demo-react'),
    cacheDir,
    logLevel: 'silent',
    server: { host: '127.0.0.1', port: await ownPort(), proxy: { '/api': target, '/lab': target } },
  })
  cleanups.push(async () => {
    await server.close()
    await rm(cacheDir, { recursive: true, force: true })
  })
  return server.listen()
}

test('StrictMode mounts twice and asks once, through a cut', async () => {
  const answer = numbered(3)
  const { url, model, proxy } = await demo({ script: { answer, tokensPerSecond: 60 } })
  const server = await develop(url)
  const page = await open(server.resolvedUrls!.local[0]!)
  const chat = chatPage(page)
  const starts: string[] = []
  page.on('request', (request) => {
    if (request.method() === 'POST') starts.push(new URL(request.url()).pathname)
  })

  await chat.ask('Tell me')
  await chat.reads(60)
  proxy.cut()
  await chat.becomes('done')

  await expectWhole(chat, answer)
  expect(starts).toEqual(['/api/chat'])
  expect(model.calls).toBe(1)
})
