import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it } from 'vitest'
import { formatReport } from './report'
import { runConformance } from './run'

it('asks for inputs where the route did not run the scripts, and not where they were given', async () => {
  const server = createServer((_, response) => response.writeHead(400).end()).listen(0, '127.0.0.1')
  await once(server, 'listening')
  try {
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/chat`
    const without = await runConformance({ baseUrl, only: ['R1'] })
    expect(without).toMatchObject({ passed: 0, note: expect.stringContaining('--short') })
    expect(formatReport(without)).toMatch(/1 failed, 0 not applicable\n.*give it `inputs`/)
    const given = await runConformance({ baseUrl, only: ['R1'], inputs: { short: {}, long: {} } })
    expect(given.failed).toBe(1)
    expect(given.note).toBeUndefined()
  } finally {
    server.close()
  }
})
