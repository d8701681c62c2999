import { keepstream } from '@keepstream/core'
import type { Asked } from '../asked'

/** What every page of Keepstream asks: a new answer, or one that is read again as soon as somebody looks. */
export function optionsOf({ origin, location }: Asked) {
  const protocol = keepstream()
  return location === undefined
    ? { url: `${origin}/keepstream`, protocol }
    : { url: location, method: 'GET' as const, protocol }
}
