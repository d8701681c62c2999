import { expectTypeOf } from 'vitest'
import { keepstream, type Message, type MessagePart, type UseStreamReturn, useSuspenseStream } from './index'

export function Answer({ id }: { id: string }) {
  const answer = useSuspenseStream({ key: id, method: 'GET', url: `/streams/${id}`, protocol: keepstream() })
  expectTypeOf(answer).toEqualTypeOf<UseStreamReturn<MessagePart, Message>>()

  // @ts-expect-error What suspends keeps no state: it needs a key.
  useSuspenseStream({ url: '/api/chat', protocol: keepstream() })
  // @ts-expect-error The protocol says what the events mean: there is no default.
  useSuspenseStream({ key: id, url: '/api/chat' })
  // @ts-expect-error There is no such option.
  useSuspenseStream({ key: id, url: '/api/chat', protocol: keepstream(), suspense: true })
}
