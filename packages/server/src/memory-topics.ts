import { StreamError } from '@keepstream/core'
import { entryId } from './entry'
import type { TopicAddress, Topics } from './log'
import type { Budget } from './memory-stream'
import { createMemoryTopic, entryCost, type MemoryTopic } from './memory-topic'

/** The topics of one process, and what the log that holds them may do with them. */
export interface MemoryTopics extends Topics {
  /** Forgets those that were idle for as long as they said. */
  readonly sweep: () => void
  /** Gives memory back: those that nobody reads go first, then all but the newest entry of one. Tells whether there was any. */
  readonly shrink: () => boolean
}

export interface MemoryTopicsOptions {
  /** How many there may be. Beyond it the one that was idle the longest goes. */
  readonly most: number
  readonly budget: Budget
  readonly now: () => number
}

// What a topic costs beside its entries. An estimate, in bytes.
const topicCost = 1024

export function createMemoryTopics({ most, budget, now }: MemoryTopicsOptions): MemoryTopics {
  /** The one that was used last comes last. */
  const topics = new Map<string, MemoryTopic>()

  function remove(key: string, topic: MemoryTopic): void {
    topics.delete(key)
    budget.add(-topicCost)
    topic.remove()
  }

  function removeIdle(): boolean {
    for (const [key, topic] of topics) {
      if (topic.watched) continue
      remove(key, topic)
      return true
    }
    return false
  }

  function touch(key: string, topic: MemoryTopic): MemoryTopic {
    topic.usedAt = now()
    topics.delete(key)
    topics.set(key, topic)
    return topic
  }

  /** The topic, begun where there is none, with room for `bytes` more. */
  function take(address: TopicAddress, bytes: number): MemoryTopic {
    const { key } = address
    const known = topics.get(key)
    // It goes last where room has to be made.
    if (known) touch(key, known)
    const room = budget.makeRoom(bytes + topicCost) && (topics.has(key) || topics.size < most || removeIdle())
    if (!room) throw new StreamError('too-large', 'The server holds too much at once.', { reason: 'log_full' })
    const held = topics.get(key)
    if (held) return held
    budget.add(topicCost)
    const topic = createMemoryTopic(address, budget, () => topics.get(key) === topic && touch(key, topic))
    return touch(key, topic)
  }

  return {
    publish(address, entries) {
      const most = entries.reduce((sum, { event, data }) => sum + 3 * (event.length + data.length) + entryCost, 0)
      const topic = take(address, most)
      topic.append(entries)
      return entryId(topic.log.epoch, topic.log.head)
    },
    open: (address) => take(address, 0).log,
    sweep() {
      const time = now()
      for (const [key, topic] of topics) if (!topic.watched && time - topic.usedAt >= topic.idle) remove(key, topic)
    },
    shrink() {
      if (removeIdle()) return true
      for (const topic of topics.values()) {
        if (topic.length < 2) continue
        while (topic.length > 1) topic.drop()
        return true
      }
      return false
    },
  }
}
