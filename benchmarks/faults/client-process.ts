// One client in a process of its own: whatever it does, it ends with this process.
import { type ClientName, clients } from './clients'
import type { Reading } from './reading'

const { read } = await clients[process.argv[2] as ClientName]()

/** What the process that started this one says. */
export type Order = { readonly url: string } | { readonly token: string }

let token = 'one'
let latest: Reading = { text: '', status: 'streaming' }

function report(reading: Reading): void {
  latest = reading
  if (process.connected) process.send?.(reading)
}

process.on('message', (order: Order) => {
  if ('token' in order) token = order.token
  else {
    read({ url: order.url, token: () => token, report }).catch((error: unknown) => {
      report({ ...latest, status: 'failed', message: error instanceof Error ? error.message : String(error) })
    })
  }
})
process.once('disconnect', () => process.exit())
process.on('unhandledRejection', () => {}) // A page goes on after one, too.
process.send?.('ready')
