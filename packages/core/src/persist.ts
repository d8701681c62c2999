import type { Address, Memory } from './address'
import { check } from './option'

/** What of the Web Storage API is needed. */
export type AddressStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

/**
 * Remembers under `keepstream:<key>` where the answer of `key` lives, so that a page that is loaded again rejoins it.
 * `storage`: where; default the page's `sessionStorage`, which each tab has for itself. Where there is none, where it is
 * full or refuses, or where what it holds is broken, nothing is remembered: the answer itself never suffers.
 */
export function persistent(key: string, storage?: AddressStorage): Memory {
  check(typeof key === 'string' && key !== '', 'key', key, 'a name that is the same after a reload')
  check(!storage || typeof storage === 'object', 'storage', storage, 'an object such as localStorage')
  const name = `keepstream:${key}`
  // Even to look at `sessionStorage` throws where a page may not have one.
  const at = () => storage ?? globalThis.sessionStorage

  return {
    load() {
      try {
        return read(at().getItem(name))
      } catch {
        return undefined
      }
    },
    save(address) {
      try {
        if (address) at().setItem(name, JSON.stringify(address, unchanged))
        else at().removeItem(name)
      } catch {
        // Full, forbidden, or an input that is no JSON: an older address would be the wrong one.
        try {
          at().removeItem(name)
        } catch {}
      }
    },
  }
}

/** Throws at what JSON would make another value of, such as a form: sent after a reload, it would be another question. */
function unchanged(_: string, value: unknown): unknown {
  check(/^\[object (Object|Array|String|Number|Boolean|Null|Undefined)]$/.test(kind(value)), 'input', value, 'JSON')
  return value
}

const kind = (value: unknown) => Object.prototype.toString.call(value)

/** What was stored, where it has the shape of an address: another version, or anybody, may have written it. */
function read(stored: string | null): Address | undefined {
  const { start, location } = JSON.parse(stored ?? '{}') as Partial<Address>
  const valid =
    typeof start?.key === 'string' && /^[\w-]{1,64}$/.test(start.key) && /^(string|undefined)$/.test(typeof location)
  return valid ? { start: { key: start.key, input: start.input }, location } : undefined
}
