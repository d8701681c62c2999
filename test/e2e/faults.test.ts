import { describe, expect, test } from 'vitest'
import { useBrowser } from './browser'
import { chatPage, expectWhole } from './chat-page'
import { useDemo } from './demo'
import { seed, seeded } from './random'
import { numbered } from './script'

const { open } = useBrowser()
const demo = useDemo()

// 180 tokens and a little more: three to four seconds in which to break something.
const answer = numbered(3)
const script = { answer, tokensPerSecond: 60, firstTokenDelay: 100 }

/** Somewhere in the answer, and not in its last words, so that there is something left to lose. */
const somewhere = (random: () => number, from = 0, to = 0.7) =>
  Math.floor(answer.length * (from + random() * (to - from)))

describe('an answer in the page', () => {
  test('streams in and is complete', async () => {
    const { url, model } = await demo({ script })
    const page = await open(url)
    const chat = chatPage(page)
    const starts: string[] = []
    page.on('request', (request) => request.method() === 'POST' && starts.push(new URL(request.url()).pathname))

    await chat.ask('Tell me')
    await chat.becomes('pending')
    await chat.becomes('streaming')
    await chat.reads(20)
    expect(answer.startsWith(await chat.text())).toBe(true)
    await chat.becomes('done')

    await chat.says('The model was asked once.')
    await expectWhole(chat, answer)
    expect(starts).toEqual(['/api/chat'])
    expect(model.calls).toBe(1)
  })

  test(`is complete after a cut at a random word (SEED=${seed})`, async () => {
    const { url, model } = await demo({ script })
    const chat = chatPage(await open(url))

    await chat.ask('Tell me')
    await chat.reads(somewhere(seeded(seed)))
    await chat.press(/^Cut/)
    await chat.wireSays(/Reconnecting, attempt 2/)
    await chat.becomes('done')

    await chat.says(/The connection was lost once on the way\. The model was asked once\./)
    await expectWhole(chat, answer)
    expect(model.calls).toBe(1)
  })

  test(`is complete after three cuts (SEED=${seed})`, async () => {
    const { url, model } = await demo({ script: { ...script, tokensPerSecond: 25 } })
    const chat = chatPage(await open(url))
    const random = seeded(seed + 1)

    await chat.ask('Tell me')
    for (const from of [0, 0.35, 0.7]) {
      await chat.reads(somewhere(random, from, from + 0.1))
      await chat.press(/^Cut/)
      await chat.wireSays(/Reconnecting/)
    }
    await chat.becomes('done')

    await chat.says('The connection was lost 3 times on the way.')
    await expectWhole(chat, answer)
    expect(model.calls).toBe(1)
  })

  test(`is complete after silence in which even heartbeats are lost (SEED=${seed})`, async () => {
    const { url, model } = await demo({ script, times: { stall: 5_000 } })
    const chat = chatPage(await open(url))

    await chat.ask('Tell me')
    await chat.reads(somewhere(seeded(seed + 2)))
    await chat.press(/^Stall/)
    await chat.wireSays(/Reconnecting, attempt 2/)
    await chat.becomes('done')

    await expectWhole(chat, answer)
    expect(model.calls).toBe(1)
  })

  test(`is complete after a time in which nobody was let in (SEED=${seed})`, async () => {
    const { url, model } = await demo({ script })
    const chat = chatPage(await open(url))

    await chat.ask('Tell me')
    await chat.reads(somewhere(seeded(seed + 3)))
    await chat.press(/^Refuse/)
    await chat.wireSays(/Reconnecting, attempt 3, in \d s/)
    await chat.becomes('done')

    await expectWhole(chat, answer)
    expect(model.calls).toBe(1)
  })

  test('is complete after a 503 at the reconnection, which is repeated when the server asked for it', async () => {
    const { url, model, proxy } = await demo({ script })
    const page = await open(url)
    const chat = chatPage(page)
    const reads: { status: number; at: number }[] = []
    page.on('response', (response) => {
      if (response.url().includes('/streams/')) reads.push({ status: response.status(), at: Date.now() })
    })

    await chat.ask('Tell me')
    await chat.reads(40)
    await proxy.answer({ status: 503, headers: { 'retry-after': '2' } })
    proxy.cut()
    await chat.wireSays(/Reconnecting, attempt 3/)
    await chat.becomes('done')

    await expectWhole(chat, answer)
    expect(model.calls).toBe(1)
    expect(reads.map(({ status }) => status)).toEqual([503, 200])
    expect(reads[1]!.at - reads[0]!.at).toBeGreaterThanOrEqual(1_990)
  })

  test('begins once where the answer to its start is lost', async () => {
    const { url, model, proxy } = await demo({ script })
    const page = await open(url)
    const chat = chatPage(page)
    const keys: (string | undefined)[] = []
    page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/api/chat') keys.push(request.headers()['idempotency-key'])
    })

    await proxy.cutAfter({ bytes: 0 })
    await chat.ask('Tell me')
    await chat.becomes('done')

    await expectWhole(chat, answer)
    expect(keys).toHaveLength(2)
    expect(keys[0]).toBe(keys[1])
    expect(model.calls).toBe(1)
  })
})
