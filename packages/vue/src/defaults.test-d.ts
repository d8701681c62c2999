import { createApp, ref } from 'vue'
import { createRegistry, KeepstreamPlugin, keepstream, provideKeepstream } from './index'

const token = ref('1')
const app = createApp({})
app.use(KeepstreamPlugin, { url: '/api/chat', headers: { authorization: token.value }, registry: createRegistry() })
app.use(KeepstreamPlugin, () => ({ headers: { authorization: token.value } }))
provideKeepstream({ retry: { maxRetries: 3 }, clocks: { stall: 10_000 } })
provideKeepstream(ref({ linger: 0 }))

// @ts-expect-error There is no such option.
app.use(KeepstreamPlugin, { urll: '/api/chat' })
// @ts-expect-error A key is of one stream.
provideKeepstream({ key: 'chat' })
// @ts-expect-error What the events mean, each stream says itself.
provideKeepstream({ protocol: keepstream() })
