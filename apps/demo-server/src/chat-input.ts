import { z } from 'zod'

const message = z.strictObject({
  role: z.enum(['system', 'user', 'assistant']),
  content: z.string().min(1).max(32_000),
})

/** What the page may ask for. What is wrong with a request is told to whoever sent it, in the words of this schema. */
export const chatInput = z.strictObject({
  messages: z.array(message).min(1).max(200),
  model: z.string().min(1).max(100).optional(),
  max_tokens: z.int().min(1).max(32_000).optional(),
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().min(0).max(1).optional(),
})
