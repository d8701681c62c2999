import { z } from 'zod'

const messages = 'Give an array of 1 to 200 messages.'
const text = 'Give a text of 1 to 32,000 characters.'
const count = 'Give a whole number from 1 to 32,000.'
const within = (low: number, high: number) => {
  const sentence = `Give a number from ${low} to ${high}.`
  return z.number(sentence).min(low, sentence).max(high, sentence)
}

const user = 'Give a text of 1 to 64 characters.'
const role = 'Give system, user, assistant or tool.'
const content = (least: number) => z.string(text).min(least, text).max(32_000, text)
const shape = 'Give an object with role and content, and nothing else.'

const calls = 'Give an array of 1 to 16 calls, as the model made them.'
const name = 'Give a text of 1 to 200 characters.'
const shortText = z.string(name).min(1, name).max(200, name)
const call = z.strictObject(
  {
    id: shortText,
    type: z.literal('function', calls),
    function: z.strictObject({ name: shortText, arguments: content(0) }, calls),
  },
  calls,
)

// An answer may have been stopped before its first word, or be nothing but the call of a tool. That calls and results belong
// together is the provider's to judge.
const message = z.discriminatedUnion(
  'role',
  [
    z.strictObject(
      {
        role: z.literal('assistant'),
        content: content(0),
        tool_calls: z.array(call, calls).min(1, calls).max(16, calls).optional(),
      },
      shape,
    ),
    z.strictObject({ role: z.literal('tool'), tool_call_id: shortText, content: content(1) }, shape),
    z.strictObject({ role: z.enum(['system', 'user'], role), content: content(1) }, shape),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? role : shape) },
)

/** What the page may ask for. What is wrong with a request is told to whoever sent it, in the words of this schema. */
export const chatInput = z.strictObject(
  {
    messages: z.array(message, messages).min(1, messages).max(200, messages),
    model: z.string('Give the name of a model.').optional(),
    max_tokens: z.int(count).min(1, count).max(32_000, count).optional(),
    temperature: within(0, 2).optional(),
    top_p: within(0, 1).optional(),
    user: z.string(user).min(1, user).max(64, user).optional(),
  },
  {
    error: ({ code }) =>
      code === 'unrecognized_keys'
        ? 'Send messages, model, max_tokens, temperature, top_p and user, and nothing else.'
        : 'Send a JSON object with messages.',
  },
)
