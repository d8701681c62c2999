// What an application does with the core, in whichever runtime this is. Only what browsers have is used here.
import { createStream, keepstream, openaiChat, text } from '@keepstream/core'
import { pollTransport } from '@keepstream/core/poll'
import { createParser } from '@keepstream/core/sse'

const retry = { baseDelay: 10, maxDelay: 100 }
const messages = [{ role: 'user', content: 'Tell me.' }]

async function ask(options, input) {
  const stream = createStream({ retry, ...options })
  let attempts = 0
  stream.subscribe(() => {
    if (stream.get().connection.state === 'connecting') attempts++
  })
  const { status, data, error } = await stream.start(input)
  return { status, text: data.text, attempts, ...(error && { error: String(error) }) }
}

/** Begins an answer, and stops it once something of it is there. */
async function stop(url) {
  const stream = createStream({ url, protocol: keepstream(), retry })
  let leave
  const begun = new Promise((resolve) => {
    leave = stream.subscribe(() => stream.get().data.text !== '' && resolve())
  })
  stream.start({ messages })
  await begun
  const { acknowledged } = await stream.stop()
  leave()
  return { acknowledged, status: stream.get().status }
}

function parse() {
  const parser = createParser()
  const bytes = new TextEncoder().encode('event: text\r\nid: 7\ndata: 안녕\ndata: 👋\n\n')
  return [...bytes].flatMap((byte) => parser.feed(Uint8Array.of(byte)))
}

/**
 * @param {{ cut: string, polled: string, stopped: string, openai: string, plain: string }} addresses the connection to
 *   `cut` breaks in the middle of the answer
 */
export async function check({ cut, polled, stopped, openai, plain }) {
  return {
    keepstream: await ask({ url: cut, protocol: keepstream() }, { messages }),
    polled: await ask({ transport: pollTransport({ url: polled }), protocol: keepstream() }, { messages }),
    stopped: await stop(stopped),
    openai: await ask({ url: openai, protocol: openaiChat() }, { model: 'scripted', messages }),
    text: await ask({ url: plain, protocol: text() }, 'Tell me.'),
    parsed: parse(),
  }
}
