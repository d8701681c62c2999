import { wait } from './wait'

const answers: readonly [string, ...string[]] = [
  `A stream breaks more often than one thinks: a train enters a tunnel, a laptop sleeps, a proxy closes what was quiet for a minute, a server is deployed.

This answer is written into a log as it comes. Whoever reads it holds a cursor into that log, and a connection that breaks costs nothing but the time to open another one: the reader says where it was, and reads on from there.

Press Cut as often as you like. Nothing is missing, nothing comes twice, and the model is asked once.`,
  `Asked once more, I say it in other words: an answer belongs to its log and not to a connection.

A connection is only one way to read it. When it breaks, the next one begins where the last one ended, to the event. When you leave, the answer goes on without you, and is there when you come back.`,
  `In short: the server writes down what the model says, and the page remembers how far it has read.

All that a broken connection can take is time.`,
]

/** What the models of the examples are like. `delay` is in milliseconds, until the first token; `pace` in tokens a second. */
const models: Readonly<Record<string, { readonly delay: number; readonly pace: number }>> = {
  scripted: { delay: 250, pace: 22 },
  swift: { delay: 250, pace: 60 },
  steady: { delay: 800, pace: 30 },
  thoughtful: { delay: 1_600, pace: 45 },
  writer: { delay: 100, pace: 800 },
}

// In milliseconds: who is that late did not wait for a timer.
const standstill = 250

/** The words of a model, a few characters at a time: another answer for each time that it is asked. */
export async function* speak(input: unknown, turn: number, signal: AbortSignal): AsyncGenerator<string> {
  const asked = Object(input).model
  const name = typeof asked === 'string' && asked in models ? asked : 'scripted'
  const { delay, pace } = models[name]!
  const text = name === 'writer' ? longText : answers[(name === 'scripted' ? turn - 1 : 0) % answers.length]!
  await wait(delay, signal)
  let began = performance.now()
  let spoken = 0
  for (const [token] of text.matchAll(/\s*\S{1,6}/g)) {
    // A timer comes late and never early, so that several tokens may be due at once.
    const early = began + (++spoken * 1000) / pace - performance.now()
    if (early > 0) await wait(early, signal)
    // But a page that stood still missed nothing: no model says at once what it would have said meanwhile.
    if (early < -standstill) began -= early
    yield token
  }
}

/** Some forty pages. */
const longText = Array.from({ length: 320 }, (_, number) => {
  const sentences = answers.join(' ').split(/(?<=\.)\s+/)
  const chosen = Array.from({ length: 5 }, (_, place) => sentences[(number * 7 + place * 3) % sentences.length])
  return `${number + 1}. ${chosen.join(' ')}`
}).join('\n\n')
