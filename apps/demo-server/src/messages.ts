import type { HttpBindings } from '@hono/node-server'
import { type Topic, topic } from '@keepstream/server'
import type { Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'

const text = 'Give a text of 1 to 500 characters.'
const from = 'Give a name of 1 to 40 characters, or none.'
const client = 'Give 22 to 64 random characters of A-Z a-z 0-9 _ and -.'

const announcement = z.strictObject({
  text: z.string(text).trim().min(1, text).max(500, text),
  from: z.string(from).trim().min(1, from).max(40, from).optional(),
})
const note = announcement.extend({ client: z.string(client).regex(/^[\w-]{22,64}$/, client) })

export interface Messages {
  readonly topics: { readonly '/api/announcements': Topic; readonly '/api/inbox': Topic<'client'> }
  readonly mount: (routes: Hono<{ Bindings: HttpBindings }>) => void
}

/** A topic for everyone and one for each client, and the addresses at which a page publishes to them. */
export function createMessages(): Messages {
  // So few that somebody can be away for too long, and see how that is told.
  const announcements = topic({ keep: 20 })
  const inbox = topic({ audience: 'client', keep: 20 })

  /** Reads a body by its schema, or says what is wrong with it. */
  async function read<T>({ req }: Context, schema: z.ZodType<T>): Promise<T | string> {
    // No form of another site can send this type.
    if (!/^application\/json\b/.test(req.header('content-type') ?? '')) return 'Send JSON as application/json.'
    const body: unknown = await req.json().catch(() => undefined)
    const { success, data, error } = schema.safeParse(body)
    if (success) return data
    const [issue] = error.issues
    return issue?.path.length
      ? `${issue.path.join('.')}: ${issue.message}`
      : 'Send a JSON object with what is asked for.'
  }
  const refuse = (context: Context, message: string) => context.json({ error: { code: 'invalid', message } }, 400)
  const limit = bodyLimit({
    maxSize: 8 * 1024,
    onError: (context) => context.json({ error: { code: 'too_large', message: 'Send 8 KiB at most.' } }, 413),
  })

  return {
    topics: { '/api/announcements': announcements, '/api/inbox': inbox },
    mount(routes) {
      routes.post('/api/announcements', limit, async (context) => {
        const given = await read(context, announcement)
        if (typeof given === 'string') return refuse(context, given)
        const id = await announcements.publish('announcement', { ...given, at: Date.now() })
        return context.json({ id }, 201)
      })
      routes.post('/api/inbox', limit, async (context) => {
        const given = await read(context, note)
        if (typeof given === 'string') return refuse(context, given)
        const { client, ...told } = given
        const id = await inbox.publish('note', { ...told, at: Date.now() }, { client })
        return context.json({ id }, 201)
      })
    },
  }
}
