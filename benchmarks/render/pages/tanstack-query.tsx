import {
  QueryClient,
  QueryClientProvider,
  experimental_streamedQuery as streamedQuery,
  useQuery,
} from '@tanstack/react-query'
import { offerReact } from './react-page'
import { readTokens } from './read-tokens'

offerReact(
  (asked) => {
    const { data, refetch, fetchStatus } = useQuery({
      queryKey: [asked.run],
      queryFn: streamedQuery({
        streamFn: () => readTokens(asked),
        reducer: (text, token: string) => text + token,
        initialValue: '',
      }),
      enabled: false,
    })
    return { text: data ?? '', begin: () => refetch(), over: fetchStatus === 'idle' && data !== undefined }
  },
  undefined,
  (page) => <QueryClientProvider client={new QueryClient()}>{page}</QueryClientProvider>,
)
