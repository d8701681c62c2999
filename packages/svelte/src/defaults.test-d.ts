import { createRegistry, keepstream, provideKeepstream } from './index'

provideKeepstream({ url: '/api/chat', retry: { maxRetries: 3 }, clocks: { stall: 10_000 } })
provideKeepstream(() => ({ headers: { authorization: 'Bearer 1' }, registry: createRegistry() }))

// @ts-expect-error There is no such option.
provideKeepstream({ urll: '/api/chat' })
// @ts-expect-error A key is of one stream.
provideKeepstream({ key: 'chat' })
// @ts-expect-error What the events mean, each stream says itself.
provideKeepstream({ protocol: keepstream() })
