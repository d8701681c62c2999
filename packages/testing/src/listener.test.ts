import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { listen } from './listener'

async function listener() {
  const opened = await listen(0, (socket) => socket.end('welcome'))
  onTestFinished(() => opened.close())
  return opened
}

async function visit(port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  try {
    return Buffer.concat(await socket.toArray()).toString()
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'error'
  }
}

it('listens, refuses, and listens on the same port, as often as it is told', async () => {
  const { port, refuse, accept } = await listener()
  for (const _ of [1, 2, 3]) {
    expect(await visit(port)).toBe('welcome')
    refuse()
    refuse()
    expect(await visit(port)).toBe('ECONNREFUSED')
    await Promise.all([accept(), accept()])
  }
})

it('refuses when it was told so while it was opening', async () => {
  const { port, refuse, accept } = await listener()
  refuse()
  const opening = accept()
  refuse()
  await opening
  expect(await visit(port)).toBe('ECONNREFUSED')
})

it('waits for its port while somebody else has it', async () => {
  const opened = await listener()
  opened.refuse()
  const other = createServer().listen(opened.port, '127.0.0.1')
  await once(other, 'listening')
  const accepted = opened.accept()
  await new Promise((resolve) => setImmediate(resolve))
  other.close()
  await accepted
  expect(await visit(opened.port)).toBe('welcome')
})

it('says which port is taken', async () => {
  const { port } = await listener()
  await expect(listen(port, () => {})).rejects.toThrow(`Port ${port} of 127.0.0.1 is taken.`)
})

it('destroys every socket when it closes', async () => {
  const opened = await listen(0, (socket) => socket.write('half'))
  const socket = connect({ port: opened.port, host: '127.0.0.1' })
  await once(socket, 'data')
  expect(opened.sockets.size).toBe(1)
  await opened.close()
  expect(opened.sockets.size).toBe(0)
  await once(socket, 'close')
})
