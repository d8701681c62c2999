/** A model that the server offers. A real provider tells no more than names. */
export interface OfferedModel {
  readonly name: string
  readonly description?: { readonly en: string; readonly ko: string }
}

export interface Offer {
  readonly state: 'loading' | 'failed' | 'ready'
  readonly models: readonly OfferedModel[]
}

/** Which models there are. Asked for once somebody looks, and again with `load`. */
export interface OfferSource {
  readonly get: () => Offer
  readonly subscribe: (listener: () => void) => () => void
  readonly load: () => Promise<void>
}

export function createOffer(fetcher: typeof fetch = (...request) => fetch(...request)): OfferSource {
  let offer: Offer | undefined
  const listeners = new Set<() => void>()

  function set(next: Offer): void {
    offer = next
    for (const listener of listeners) listener()
  }

  async function load(): Promise<void> {
    set(loading)
    set(await ask(fetcher))
  }

  return {
    get: () => offer ?? loading,
    subscribe(listener) {
      listeners.add(listener)
      if (!offer) void load()
      return () => void listeners.delete(listener)
    },
    load,
  }
}

const loading: Offer = { state: 'loading', models: [] }
const failed: Offer = { state: 'failed', models: [] }

async function ask(fetcher: typeof fetch): Promise<Offer> {
  try {
    const response = await fetcher('/api/models')
    if (!response.ok) return failed
    const { models } = (await response.json()) as Pick<Offer, 'models'>
    return models.length > 0 ? { state: 'ready', models } : failed
  } catch {
    return failed
  }
}

/** The one of the page. */
export const offer = createOffer()
