import { expectTypeOf } from 'vitest'
import {
  createRegistry,
  KeepstreamProvider,
  type KeepstreamProviderProps,
  keepstream,
  type StreamDefaults,
} from './index'

expectTypeOf<KeepstreamProviderProps['defaults']>().toEqualTypeOf<StreamDefaults>()

export const pages = [
  <KeepstreamProvider key="1" defaults={{ url: '/api/chat', headers: async () => ({ authorization: 'Bearer' }) }}>
    Text
  </KeepstreamProvider>,
  <KeepstreamProvider
    key="2"
    defaults={{ registry: createRegistry(), retry: { maxRetries: 3 }, clocks: { stall: 9_000 } }}
  />,
  // @ts-expect-error What is provided?
  <KeepstreamProvider key="3">Text</KeepstreamProvider>,
  // @ts-expect-error There is no such option.
  <KeepstreamProvider key="4" defaults={{ urll: '/api/chat' }} />,
  // @ts-expect-error Streams of one page speak different protocols.
  <KeepstreamProvider key="5" defaults={{ protocol: keepstream() }} />,
  // @ts-expect-error A key is of one stream.
  <KeepstreamProvider key="6" defaults={{ key: 'all' }} />,
]
