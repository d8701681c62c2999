import { StreamError } from '@keepstream/core'
import { createEntry } from './entry'
import { closingError, httpError } from './exchange'
import { fingerprintOf } from './fingerprint'
import type { Hub } from './hub'
import type { ReadableLog, TopicAddress, Topics } from './log'
import { admit, visitorOf } from './routes/admission'
import { readForm } from './routes/form'
import { readLog } from './routes/read'
import type { Endpoint } from './routes/route'
import { checkRecipient, type Recipient, recipientOf } from './topic/recipient'
import { type Audience, resolveTopicOptions, type TopicOptions } from './topic/topic-options'

export type { Audience, TopicOptions } from './topic/topic-options'

/** Whom `publish` has to name, by the audience of the topic. */
export interface Recipients {
  readonly everyone: readonly []
  readonly user: readonly [to: { readonly user: string; readonly tenant?: string | undefined }]
  readonly client: readonly [
    to: { readonly client: string; readonly user?: string | undefined; readonly tenant?: string | undefined },
  ]
}

/** Messages without an end, for everybody, for one user or for one client. Mount it as a route; readers `GET` its path. */
export interface Topic<TAudience extends Audience = 'everyone'> extends Endpoint {
  /**
   * Sends an event, with any JSON, to all who read and all who come back in time, whichever process they are connected
   * to. Resolves with its id once it is in the log: a page that is made now can read on from there with `?after=`.
   * Throws an `option` error for a name that is reserved, a recipient that is none and a topic that is not mounted, and
   * `too-large` where the message or the log has no room.
   */
  readonly publish: (event: string, data: unknown, ...to: Recipients[TAudience]) => Promise<string>
}

interface Mount {
  readonly hub: Hub
  readonly path: string
  readonly topics: Topics
}

/**
 * A topic: a log that never ends, of which the newest messages are kept. Readers hold a cursor into it as into an answer:
 * who comes back gets what was missed, and who was away for too long is told.
 */
export function topic<TAudience extends Audience = 'everyone'>(
  options: TopicOptions<TAudience> = {},
): Topic<TAudience> {
  const { audience, keep } = resolveTopicOptions(options)
  let mounted: Mount | undefined
  /** Over once the message before has been handed to the log: digests may overtake each other, and messages must not. */
  let before: Promise<unknown> = Promise.resolve()

  async function addressOf(path: string, { tenant, user, client }: Recipient): Promise<TopicAddress> {
    // A digest: the key stands in events and logs, and the name of a client may be all that it takes to read.
    const key = await fingerprintOf(['topic', path, tenant ?? null, user ?? null, client ?? null])
    return { key, owner: { route: path, tenant, user }, keep }
  }

  return {
    async publish(event, data, ...[to]) {
      const recipient = checkRecipient(audience, to)
      const entry = createEntry(event, data)
      if (!mounted) throw new StreamError('option', 'The topic has no path yet. Give it to createHandler first.')
      const { hub, path, topics } = mounted
      if (new TextEncoder().encode(entry.data).length > hub.limits.entryBytes) {
        const sentence = `The message "${event}" is larger than the server allows. See limits.entryBytes of createHub.`
        throw new StreamError('too-large', sentence, { reason: 'too_large' })
      }
      const turn = Promise.all([addressOf(path, recipient), before])
      before = turn.catch(() => undefined)
      const [address] = await turn
      return topics.publish(address, [entry])
    },
    mount(hub, path) {
      const topics = checkMount(hub, path, audience, mounted?.path)
      mounted = { hub, path, topics }
      return async (exchange) => {
        const form = readForm(exchange)
        const principal = await admit(hub, exchange, 'read', path)
        const address = await addressOf(path, recipientOf(audience, principal, exchange))
        if (hub.state !== 'open') throw closingError()
        const log = await open(topics, address)
        return readLog(hub, log, form, exchange, visitorOf(hub, principal, exchange), 'now')
      }
    },
  }
}

async function open(topics: Topics, address: TopicAddress): Promise<ReadableLog> {
  try {
    return await topics.open(address)
  } catch (error) {
    if (!(error instanceof StreamError && error.code === 'too-large')) throw error
    throw httpError(503, 'overloaded', 'The server holds too many topics. Try again shortly.', 1000)
  }
}

/** The topics of the hub's log. Throws an `option` error where the topic cannot be had at this path. */
function checkMount({ topics, authorize }: Hub, path: string, audience: Audience, before: string | undefined): Topics {
  const refuse = (sentence: string) => new StreamError('option', `The topic at "${path}" ${sentence}`)
  if (before !== undefined) throw refuse(`is mounted at "${before}" already. Make one for each path and hub.`)
  if (!topics) throw refuse('needs a log that keeps topics, such as memoryLog() or redisLog().')
  if (audience === 'user' && !authorize) {
    throw refuse('is for users, and without the option createHub.authorize the server knows none.')
  }
  return topics
}
