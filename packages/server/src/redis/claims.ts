import { createEpoch } from '../ids'
import type { Awaitable, Claim, Claimed, StreamLog } from '../log'
import type { Commands } from './commands'
import { classify } from './failure'
import type { Keys } from './keys'
import { fixedFields, type Taken } from './record'
import { beginScript, claimScript, disclaimScript } from './scripts'
import type { Sightings } from './sightings'

export interface ClaimsOptions {
  readonly commands: Commands
  readonly keys: Keys
  readonly sightings: Sightings
  readonly leaseTimeout: number
  /** How long Redis may take to be told again what it has forgotten, in milliseconds. */
  readonly grace: number
  /** How long another process may take to learn that a key is its own, in milliseconds: then it has given it up. */
  readonly patience: number
  readonly find: (id: string) => Awaitable<StreamLog | undefined>
  /** What is produced here already under the key of the request. */
  readonly claimedHere: (request: Claim) => Claimed | undefined
  readonly own: (taken: Omit<Taken, 'terminal' | 'stop' | 'snapshotSeq'>) => StreamLog
  readonly onError: (error: unknown) => void
}

/** How many claims are taken back at a time: while Redis is away all of them wait. */
const mostTakenBack = 1000

/** Claims streams for this process, atomically among all processes. */
export function createClaims({ commands, keys, sightings, leaseTimeout, grace, patience, ...hooks }: ClaimsOptions) {
  function keysOf({ owner, id, key }: Claim) {
    const record = key === undefined ? [] : [keys.key(key)]
    return {
      claim: [keys.meta(id), keys.leases, keys.live(owner), keys.mark, ...record],
      disclaim: [keys.meta(id), keys.leases, keys.live(owner), ...record],
    }
  }

  /** Claims that are being taken back, by their key, or by their id where they have none. */
  const takenBack = new Map<string, Promise<unknown>>()

  /** It may be claimed all the same, by a command that was sent before: then nobody would produce it. */
  function takeBack(request: Claim): void {
    const name = request.key ?? request.id
    // Beyond the bound what was claimed is left to the end of its lease.
    if (takenBack.size >= mostTakenBack) return
    const done = commands
      .run(disclaimScript, { keys: keysOf(request).disclaim, args: [request.id] })
      .catch(hooks.onError)
      .finally(() => takenBack.get(name) === done && takenBack.delete(name))
    takenBack.set(name, done)
  }

  /** Writes nothing, so that nothing has to be taken back. What cannot be found just now is looked for again with the next start. */
  async function recall({ key, fingerprint }: Claim): Promise<Claimed> {
    if (key === undefined) return { outcome: 'absent' }
    const reply = await commands.request(['HMGET', keys.key(key), 'id', 'fingerprint'])
    const [id, known] = reply as readonly (string | null)[]
    if (fingerprint !== undefined && known && known !== fingerprint) return { outcome: 'mismatch' }
    const stream = id ? await hooks.find(id) : undefined
    return stream ? { outcome: 'existing', stream } : { outcome: 'absent' }
  }

  async function claim(request: Claim): Promise<Claimed> {
    const { id, owner, key, fingerprint, input } = request
    // Who asks again for what could not be claimed in time must not meet that.
    const before = key === undefined ? undefined : takenBack.get(key)
    if (before) await commands.inTime(before)
    const begun = { ...{ id, owner, key, fingerprint, input }, epoch: createEpoch() }
    const args = [...[id, leaseTimeout, grace, keys.control, fingerprint ?? '', patience], ...fixedFields(begun)]

    async function ask(): Promise<readonly string[]> {
      try {
        const options = { keys: keysOf(request).claim, args }
        return (await sightings.settled(() => commands.ask(claimScript, options))) as readonly string[]
      } catch (error) {
        takeBack(request)
        if (classify(error) === 'full') return ['full']
        throw error
      }
    }

    for (let missed: string | undefined; ; ) {
      const [outcome, detail = ''] = await ask()
      if (outcome === 'mismatch' || outcome === 'full') return { outcome }
      if (outcome !== 'existing') {
        const empty = { head: 0, earliest: 1, size: 0, snapshot: undefined, term: '1', createdAt: Number(detail) }
        if (key !== undefined) {
          commands.run(beginScript, { keys: [keys.key(key)], args: [id] }).catch(hooks.onError)
        }
        return { outcome: 'created', stream: hooks.own({ ...begun, ...empty }) }
      }
      const stream = await hooks.find(detail)
      if (stream) return { outcome, stream }
      // Whoever claimed it may have taken that back meanwhile. Only a key that still stands for it is gone.
      if (missed === detail) return { outcome: 'gone' }
      missed = detail
    }
  }

  /** Claims on their way, by their key. */
  const underWay = new Map<string, Promise<Claimed>>()

  return async (request: Claim): Promise<Claimed> => {
    const { key, existing } = request
    if (existing) return recall(request)
    if (key === undefined) return claim(request)
    // Redis may have forgotten the first claim when it is asked for the second, and this process be too slow to tell it again.
    for (let first = underWay.get(key); first; first = underWay.get(key)) {
      await first
      const claimed = hooks.claimedHere(request)
      if (claimed) return claimed
    }
    const claiming = claim(request).finally(() => underWay.delete(key))
    underWay.set(key, claiming)
    return claiming
  }
}
