import { test } from 'vitest'
import { expectWhole } from './chat-page'
import { eachDemo } from './demos'
import { seed, seeded } from './random'
import { numbered } from './script'
import { useVisits } from './visit'

const visit = useVisits()

// 190 tokens: nine to ten seconds in which to break something.
const answer = numbered(3)
const script = { answer, tokensPerSecond: 20, firstTokenDelay: 100 }

// What is broken stays so until the page has noticed, however late that is: in milliseconds, longer than a test takes.
const untilRepaired = { stall: 600_000, refuse: 600_000 }

/** Somewhere in the answer, and so far before its end that a slow machine finds something left to lose. */
const somewhere = (random: () => number, to = 0.4) => Math.floor(answer.length * random() * to)

eachDemo((framework) => {
  test(`is complete after three cuts (SEED=${seed})`, ({ expect }) =>
    visit(framework, { script: { ...script, tokensPerSecond: 13 } }, async ({ page, chat, model }) => {
      const starts: string[] = []
      page.on('request', (request) => request.method() === 'POST' && starts.push(new URL(request.url()).pathname))

      await chat.ask('Tell me')
      for (let cuts = 0; cuts < 3; cuts++) {
        await chat.wireSaid(/Connected/)
        if (cuts === 0) await chat.reads(somewhere(seeded(seed + 1), 0.2))
        expect(answer.startsWith(await chat.text())).toBe(true)
        await chat.press(/^Cut/)
        // The third one where a server that stood still had said nothing since the cut before.
        await chat.wireSaid(/Reconnecting, attempt \d/)
      }
      await chat.becomes('done')

      await chat.says('The connection was lost 3 times on the way. The model was asked once.')
      await expectWhole(chat, answer)
      expect(starts.filter((path) => path.startsWith('/api/'))).toEqual(['/api/chat'])
      expect(model.calls).toBe(1)
    }))

  test(`is complete after silence in which even heartbeats are lost (SEED=${seed})`, ({ expect }) =>
    visit(framework, { script, times: untilRepaired }, async ({ chat, model, proxy }) => {
      await chat.ask('Tell me')
      await chat.reads(somewhere(seeded(seed + 2)))
      await chat.press(/^Stall/)
      await chat.wireSaid(/Reconnecting, attempt 2/)
      await proxy.restore()
      await chat.becomes('done')

      await expectWhole(chat, answer)
      expect(model.calls).toBe(1)
    }))

  test(`is complete after a time in which nobody was let in (SEED=${seed})`, ({ expect }) =>
    visit(framework, { script, times: untilRepaired }, async ({ chat, model, proxy }) => {
      await chat.ask('Tell me')
      await chat.reads(somewhere(seeded(seed + 3)))
      await chat.press(/^Refuse/)
      await chat.wireSaid(/Reconnecting, attempt 3, in \d s/)
      await proxy.restore()
      await chat.becomes('done')

      await expectWhole(chat, answer)
      expect(model.calls).toBe(1)
    }))

  test('begins once where the answer to its start is lost, and is complete after a 503 that says when to come back', ({
    expect,
  }) =>
    visit(framework, { script: { ...script, tokensPerSecond: 30 } }, async ({ page, chat, model, proxy }) => {
      const keys: (string | undefined)[] = []
      const reads: { status: number; asked: number; answered: number }[] = []
      page.on('request', (request) => {
        if (new URL(request.url()).pathname === '/api/chat') keys.push(request.headers()['idempotency-key'])
      })
      page.on('response', (response) => {
        if (!response.url().includes('/streams/')) return
        // Of the browser's own clock: here it is heard of later, and not always by as much.
        const { startTime, responseStart } = response.request().timing()
        reads.push({ status: response.status(), asked: startTime, answered: startTime + responseStart })
      })

      // Until then the page asks for the models, and the next connection may be that for them.
      await page.locator('.model:enabled').waitFor()
      await proxy.cutAfter({ bytes: 0 })
      await chat.ask('Tell me')
      await chat.reads(40)
      expect(keys).toHaveLength(2)
      expect(keys[0]).toBe(keys[1])

      await proxy.answer({ status: 503, headers: { 'retry-after': '2' } })
      proxy.cut()
      await chat.wireSaid(/Reconnecting, attempt 3/)
      await chat.becomes('done')

      await expectWhole(chat, answer)
      expect(model.calls).toBe(1)
      expect(reads.map(({ status }) => status)).toEqual([503, 200])
      expect(reads[1]!.asked - reads[0]!.answered).toBeGreaterThanOrEqual(1_990)
    }))

  test('is told as it is where the server was killed and came back without it, and can be asked for again', ({
    expect,
  }) =>
    visit(
      framework,
      { script: { ...script, tokensPerSecond: 40 }, process: { level: 'silent', redis: undefined } },
      async ({ page, chat, model, url }) => {
        // In the middle of which it is found, however late.
        model.next({ type: 'stall', afterTokens: 60 })
        await chat.ask('Tell me')
        await chat.reads(80)
        expect((await page.request.post(`${url}/lab/kill`)).status()).toBe(202)
        await chat.wireSaid(/Reconnecting, attempt \d+/)
        const before = await chat.text()
        await chat.becomes('interrupted')

        await chat.says('The answer broke off')
        await chat.says(/no longer holds it/)
        expect(await chat.text()).toBe(before)
        await chat.press('Ask again')
        await chat.becomes('done')
        await expectWhole(chat, answer)
        expect(model.calls).toBe(2)
      },
    ))
})
