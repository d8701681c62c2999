import { conformanceContract } from '@keepstream/testing/contracts'
import { serve, webListener } from './serve'

conformanceContract('The memory log over node:http and WebSockets', async () => {
  const served = await serve()
  return { ...contractOf(served), socket: '/api/socket', lacks: ['nodes'] }
})

conformanceContract('The memory log over Web requests and responses', async () => {
  const served = await serve({ listener: webListener })
  return { ...contractOf(served), lacks: ['nodes', 'socket'] }
})

function contractOf({ hub: _, ...contract }: Awaited<ReturnType<typeof serve>>) {
  return contract
}
