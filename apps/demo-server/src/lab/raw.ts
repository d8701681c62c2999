import { createParser } from '@keepstream/core/sse'
import { Hono } from 'hono'
import { stream } from 'hono/streaming'
import { answerAs } from '../answers'
import { chatInput } from '../chat-input'
import { labModel } from '../models'

/**
 * What people write by hand: `/chat` asks the model and passes its text on as it comes, with no log behind it, so that who
 * asks again is answered from the beginning. `/answer` is all of it at once, to compare with, and asks nobody.
 */
export function rawEndpoints(baseUrl: string): Hono {
  const routes = new Hono()
  routes.get('/answer', ({ req, json }) => {
    const { text = '' } = answerAs({ paced: false })({ model: labModel.name, prompt: req.query('question') ?? '' })
    return json({ text })
  })
  routes.post('/chat', async (context) => {
    const { success, data, error } = chatInput.safeParse(await context.req.json().catch(() => undefined))
    if (!success) return context.json({ error: { code: 'invalid', message: error.issues[0]!.message } }, 400)
    const { signal } = context.req.raw
    const answer = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...data, model: labModel.name, stream: true }),
      signal,
    })
    if (!answer.ok || !answer.body) return context.json({ error: { code: 'upstream', message: 'No answer.' } }, 502)
    context.header('content-type', 'text/plain; charset=utf-8')
    context.header('x-content-type-options', 'nosniff')
    return stream(context, async (out) => {
      const parser = createParser()
      try {
        for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
          for (const { data } of parser.feed(chunk)) await out.write(textOf(data))
        }
      } catch {
        // Who leaves in the middle is no error of ours, and what the model breaks off ends here too.
      }
    })
  })
  return routes
}

/** The text of one event of a chat completion. */
function textOf(data: string): string {
  if (data === '[DONE]') return ''
  const { choices } = JSON.parse(data) as { choices: readonly { delta: { content?: string } }[] }
  return choices[0]?.delta.content ?? ''
}
