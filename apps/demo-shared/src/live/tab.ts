/** Who a tab is. */
export interface Tab {
  /** By which it reads its own messages: whoever knows it may read them too, so that it is no name to show to everybody. */
  readonly client: string
  /** What the others see. */
  readonly name: string
}

const key = 'live-tab'

type TabStorage = Pick<Storage, 'getItem' | 'setItem'>

/** This tab: the same after a reload, and another one in each tab. Default: of this session, which may be forbidden to name. */
export function readTab(storage?: TabStorage): Tab {
  const stored = load(storage)
  if (stored) return stored
  const tab = { client: mint(16), name: mint(2).replace(/[-_]/g, '0').toUpperCase() }
  try {
    const place = storage ?? sessionStorage
    place.setItem(key, JSON.stringify(tab))
  } catch {
    // Full, or forbidden: after a reload it is another tab.
  }
  return tab
}

function load(storage: TabStorage | undefined): Tab | undefined {
  try {
    const place = storage ?? sessionStorage
    const { client, name } = JSON.parse(place.getItem(key) ?? '{}') as Partial<Tab>
    return isClient(client) && typeof name === 'string' ? { client, name } : undefined
  } catch {
    return undefined
  }
}

/** What the server takes as the name of a client. */
export const isClient = (text: unknown): text is string => typeof text === 'string' && /^[\w-]{22,64}$/.test(text)

/** Random bytes as base64url. */
function mint(bytes: number): string {
  const random = crypto.getRandomValues(new Uint8Array(bytes))
  return btoa(String.fromCharCode(...random))
    .replace(/\+/g, '-')
    .replace(/\//g, '_')
    .replace(/=/g, '')
}
