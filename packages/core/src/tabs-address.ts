import type { Address, Memory } from './address'
import { type Wake, wake } from './session/wake'
import type { OpenChannel, TabChannel } from './tabs-channel'

/** What the tabs of one name know: which answer is shown, since when, and who in this page wants to know. */
interface Room {
  latest: { readonly address: Address; readonly at: number } | undefined
  over: boolean
  channel: TabChannel | undefined
  unwatch: (() => void) | undefined
  readonly listeners: Set<(address: Address) => void>
}

// For the life of the page, because options are made anew for each render: what one object has saved, another one loads.
const rooms = new WeakMap<OpenChannel, Map<string, Room>>()

// Tabs that were loaded before and after a deployment may run different versions.
const version = 1

/**
 * Tells the other tabs where the answer lives, and asks them when a stream is first watched. Of two answers the one that
 * was begun later counts, and of two begun in the same millisecond the one with the greater key: all tabs agree.
 * `memory`: what to look into where no tab answers.
 */
export function shareAddress(name: string, open: OpenChannel, memory?: Memory, page: Wake = wake): Memory {
  const known = rooms.get(open) ?? new Map<string, Room>()
  rooms.set(open, known)
  const path = `keepstream-address:${name}`

  function enter(): Room {
    const room = known.get(name) ?? {
      latest: undefined,
      over: false,
      channel: undefined,
      unwatch: undefined,
      listeners: new Set(),
    }
    known.set(name, room)
    return room
  }

  function leave(room: Room): void {
    if (room.listeners.size > 0) return
    room.unwatch?.()
    room.unwatch = undefined
    hangUp(room)
    if (!room.latest || room.over) known.delete(name)
  }

  /** Opens the channel, and asks what the others know. */
  function listen(room: Room): void {
    if (room.channel) return
    room.channel = open(path)
    room.channel.onmessage = ({ data }) => {
      const message = read(data)
      if (message?.address) learn(room, message.address, message.at)
      else if (message && !room.over) announce(room)
    }
    post(room, {})
  }

  function hangUp(room: Room): void {
    room.channel?.close()
    room.channel = undefined
  }

  function post(room: Room, message: object): void {
    const channel = room.channel ?? open(path)
    try {
      channel.postMessage({ version, ...message })
    } catch {
      // The input, which is kept where it may have to be asked again, cannot be copied.
    }
    if (channel !== room.channel) channel.close()
  }

  /** Not before the server has it: so who started it reads it for the others, and a start that fails disturbs nobody. */
  function announce(room: Room): void {
    if (room.latest?.address.location !== undefined) post(room, room.latest)
  }

  /** Takes note of an address, and tells who watches where it is that of another answer, which counts. */
  function learn(room: Room, address: Address, at: number): void {
    const { latest } = room
    const { key } = address.start
    const same = latest?.address.start.key === key
    const news = !latest || at > latest.at || (at === latest.at && key > latest.address.start.key)
    if (same && address.location !== undefined) room.latest = { address, at: latest.at }
    if (same || !news) return
    room.latest = { address, at }
    room.over = false
    for (const listener of [...room.listeners]) listener(address)
  }

  return {
    load() {
      const { latest, over } = known.get(name) ?? {}
      return latest && !over ? latest.address : memory?.load()
    },
    save(address) {
      memory?.save(address)
      const room = enter()
      const { latest } = room
      if (!address) {
        room.over = true
        return leave(room)
      }
      const same = latest?.address.start.key === address.start.key
      const at = same ? latest.at : Math.max(Date.now(), (latest?.at ?? 0) + 1)
      const told = same && latest.address.location === address.location
      learn(room, address, at)
      if (!told) announce(room)
    },
    watch(listener) {
      const room = enter()
      room.listeners.add(listener)
      // A page with a channel is not kept in the back/forward cache once something is said there.
      room.unwatch ??= page.watch((event) => (event === 'leaving' ? hangUp : listen)(room))
      listen(room)
      return () => {
        room.listeners.delete(listener)
        leave(room)
      }
    },
  }
}

/** The message, where it is one of this version: whatever else runs at this origin may write to the channel. */
function read(data: unknown): { readonly address?: Address; readonly at: number } | undefined {
  const { version: spoken, address, at = 0 } = (data ?? {}) as { version?: unknown; address?: Address; at?: unknown }
  if (spoken !== version || typeof at !== 'number') return undefined
  if (address === undefined) return { at }
  const { start, location } = address ?? {}
  if (typeof start?.key !== 'string' || !/^(string|undefined)$/.test(typeof location)) return undefined
  return { address: { start: { key: start.key, input: start.input }, location }, at }
}
