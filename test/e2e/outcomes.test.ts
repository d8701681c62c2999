// Longer than most: one story for each way in which an answer can come out.
import { createScriptedModel } from '@keepstream/testing'
import { describe, expect, test } from 'vitest'
import { shoot, useBrowser } from './browser'
import { chatPage, expectWhole } from './chat-page'
import { useDemo } from './demo'
import { freePort, useDemoProcess } from './demo-process'
import { numbered } from './script'

const { open } = useBrowser()
const demo = useDemo()
const server = useDemoProcess()
const answer = numbered(3)
const script = { answer, tokensPerSecond: 40, firstTokenDelay: 100 }

/** What the scripted model says to a question, asked without a page and without a network that fails. */
async function scriptedAnswer(question: string): Promise<string> {
  await using model = await createScriptedModel()
  const response = await fetch(`${model.url}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'scripted', messages: [{ role: 'user', content: question }] }),
  })
  const { choices } = (await response.json()) as { choices: [{ message: { content: string } }] }
  return choices[0].message.content
}

describe('the page tells how an answer came out', () => {
  test('stop reaches the model, is acknowledged, and keeps the text', async () => {
    const { url, model } = await demo({ script })
    const page = await open(url)
    const chat = chatPage(page)

    await chat.ask('Tell me')
    await chat.reads(60)
    await chat.press('Stop')
    await chat.becomes('stopped')
    await chat.says(/The model has been told/)

    const call = await model.waitForAbort()
    expect(call.outcome).toBe('aborted')
    expect(model.calls).toBe(1)
    const kept = await chat.text()
    expect(kept.length).toBeGreaterThanOrEqual(50)
    expect(kept.length).toBeLessThan(answer.length)
    expect(answer.startsWith(kept)).toBe(true)
    await shoot(page, 'stopped')

    await chat.press('Ask again')
    await chat.becomes('done')
    await expectWhole(chat, answer)
    expect(model.calls).toBe(2)
  })

  test('stop also ends an answer whose connection is away, and says that it was told once it could be', async () => {
    const { url, model } = await demo({ script: { ...script, tokensPerSecond: 15 }, refuseFor: 2_500 })
    const chat = chatPage(await open(url))

    await chat.ask('Tell me')
    await chat.reads(60)
    await chat.press(/^Refuse/)
    await chat.wireSays(/Reconnecting/)
    await chat.press('Stop')
    await chat.becomes('stopped')
    await chat.says(/The model has been told/)

    expect((await model.waitForAbort()).outcome).toBe('aborted')
    expect(answer.startsWith(await chat.text())).toBe(true)
  })

  test('a server that was killed and came back without the answer is told as it is, and the question can be asked again', async () => {
    const port = await freePort()
    const question = 'Will this survive a cut?'
    const first = await server.start(port)
    const page = await open(first.url)
    const chat = chatPage(page)
    const expected = await scriptedAnswer(question)

    await chat.ask(question)
    await chat.reads(80)
    await first.kill('SIGKILL')
    await chat.wireSays(/Reconnecting, attempt \d+, in \d s/)
    await shoot(page, 'reconnecting')
    const before = await chat.text()
    await server.start(port)
    await chat.becomes('interrupted')

    await chat.says('The answer broke off')
    await chat.says(/no longer holds it/)
    expect(await chat.text()).toBe(before)
    await shoot(page, 'interrupted')
    await chat.press('Ask again')
    await chat.becomes('done')
    await chat.says('The model was asked once.')
    expect(await chat.copied()).toBe(expected)
    await shoot(page, 'done')
  })

  test('a network that stays away ends as an interruption, from which one can go on without another call', async () => {
    const { url, model, proxy } = await demo({ script })
    const page = await open(url, { prepare: (fresh) => fresh.clock.install() })
    const chat = chatPage(page)

    await chat.ask('Tell me')
    await chat.reads(60)
    await proxy.refuse()
    proxy.cut()
    await chat.wireSays(/Reconnecting/)
    for (let attempt = 2; attempt <= 9; attempt++) {
      await chat.wireSays(`attempt ${attempt}, in`)
      await page.clock.fastForward(8_000)
    }
    await chat.becomes('interrupted')
    await chat.says(/The connection did not come back/)
    await proxy.restore()
    await chat.press('Go on')
    await chat.becomes('done')

    await expectWhole(chat, answer)
    expect(model.calls).toBe(1)
  })

  test('a model that refuses is a failure with a way out', async () => {
    const { url, model } = await demo({ script })
    const page = await open(url)
    const chat = chatPage(page)

    model.next({ type: 'status', status: 401 })
    await chat.ask('Tell me')
    await chat.becomes('failed')
    await chat.says('No answer came through')
    await shoot(page, 'failed')
    await chat.press('Ask again')
    await chat.becomes('done')
    await expectWhole(chat, answer)
  })

  test('a model that dies midway is no complete answer, and what it said is kept', async () => {
    const { url, model } = await demo({ script })
    const chat = chatPage(await open(url))

    model.next({ type: 'cut', afterTokens: 40, how: 'close' })
    await chat.ask('Tell me')
    await chat.becomes('failed')
    await chat.says('The answer broke off')
    const kept = await chat.text()
    expect(kept.length).toBeGreaterThan(50)
    expect(answer.startsWith(kept)).toBe(true)
  })

  test('a conversation is sent with its answers, and each answer stays with its question', async () => {
    const { url, model } = await demo({ script: { ...script, answer: ({ prompt }) => `You said ${prompt}.` } })
    const page = await open(url)
    const chat = chatPage(page)

    for (const question of ['one', 'two', 'three']) {
      await chat.ask(question)
      await page.locator('.answer[data-status=done]', { hasText: `You said ${question}.` }).waitFor()
    }
    expect(await page.locator('.prose').allTextContents()).toEqual([
      'You said one.',
      'You said two.',
      'You said three.',
    ])
    expect((model.ledger.at(-1)!.body as { messages: unknown }).messages).toEqual([
      { role: 'user', content: 'one' },
      { role: 'assistant', content: 'You said one.' },
      { role: 'user', content: 'two' },
      { role: 'assistant', content: 'You said two.' },
      { role: 'user', content: 'three' },
    ])
    const proofs = () => page.getByText('The model was asked once.').count()
    await expect.poll(proofs, { timeout: 5_000 }).toBe(3)
  })
})
