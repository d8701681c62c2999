import { test } from 'vitest'
import { expectWhole } from './chat-page'
import { eachDemo } from './demos'
import { numbered } from './script'
import { useVisits } from './visit'

const visit = useVisits()
const answer = numbered(3)
const patience = { timeout: 30_000 }
const script = { answer, tokensPerSecond: 25, firstTokenDelay: 100 }

eachDemo((framework) => {
  test('stop reaches the model, is acknowledged, and keeps the text', ({ expect }) =>
    visit(framework, { script }, async ({ chat, model }) => {
      await chat.ask('Tell me')
      await chat.reads(60)
      await chat.press('Stop')
      await chat.becomes('stopped')
      await chat.says(/The model has been told/)

      const call = await model.waitForAbort(1, patience)
      expect(call.outcome).toBe('aborted')
      expect(model.calls).toBe(1)
      const kept = await chat.text()
      expect(kept.length).toBeGreaterThanOrEqual(50)
      expect(kept.length).toBeLessThan(answer.length)
      expect(answer.startsWith(kept)).toBe(true)

      await chat.press('Ask again')
      await chat.becomes('done')
      await expectWhole(chat, answer)
      expect(model.calls).toBe(2)
    }))

  test('stop also ends an answer whose connection is away, and says that it was told once it could be', ({ expect }) =>
    visit(
      framework,
      { script: { ...script, tokensPerSecond: 15 }, times: { refuse: 2_500 } },
      async ({ chat, model }) => {
        await chat.ask('Tell me')
        await chat.reads(60)
        await chat.press(/^Refuse/)
        await chat.wireSaid(/Reconnecting/)
        await chat.press('Stop')
        await chat.becomes('stopped')
        await chat.says(/The model has been told/)

        expect((await model.waitForAbort(1, patience)).outcome).toBe('aborted')
        expect(answer.startsWith(await chat.text())).toBe(true)
      },
    ))

  test('a network that stays away ends as an interruption, from which one can go on without another call', ({
    expect,
  }) =>
    visit(
      framework,
      { script, page: { prepare: (fresh) => fresh.clock.install() } },
      async ({ page, chat, model, proxy }) => {
        await chat.ask('Tell me')
        await chat.reads(60)
        await proxy.refuse()
        proxy.cut()
        for (let attempt = 2; attempt <= 9; attempt++) {
          await chat.wireSaid(new RegExp(`attempt ${attempt}, in`))
          await page.clock.fastForward(8_000)
        }
        await chat.becomes('interrupted')
        await chat.says(/The connection did not come back/)
        await proxy.restore()
        await chat.press('Go on')
        await chat.becomes('done')

        await expectWhole(chat, answer)
        expect(model.calls).toBe(1)
      },
    ))

  test('a model that refuses is a failure with a way out; one that dies midway leaves what it said', ({ expect }) =>
    visit(framework, { script }, async ({ chat, model }) => {
      model.next({ type: 'status', status: 401 })
      await chat.ask('Tell me')
      await chat.becomes('failed')
      await chat.says('No answer came through')
      await chat.press('Ask again')
      await chat.becomes('done')
      await expectWhole(chat, answer)

      model.next({ type: 'cut', afterTokens: 40, how: 'close' })
      await chat.ask('Tell me more')
      await chat.becomes('failed')
      await chat.says('The answer broke off')
      const kept = await chat.text()
      expect(kept.length).toBeGreaterThan(50)
      expect(answer.startsWith(kept)).toBe(true)
    }))

  test('a conversation is sent with its answers; a question is rewritten, an answer asked for again, and all is kept', ({
    expect,
  }) =>
    visit(framework, { script: { answer: ({ prompt }) => `You said ${prompt}.` } }, async ({ page, chat, model }) => {
      const asked = () => model.ledger.at(-1)!.body as { readonly messages: unknown }
      const answered = (question: string) =>
        page
          .locator('.answer[data-status=done]', { hasText: `You said ${question}.` })
          .last()
          .waitFor()

      for (const question of ['one', 'two', 'three']) {
        await chat.ask(question)
        await answered(question)
      }
      expect(await chat.said()).toEqual(['one', 'two', 'three'].map((question) => [question, `You said ${question}.`]))
      expect(asked().messages).toEqual([
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'You said one.' },
        { role: 'user', content: 'two' },
        { role: 'assistant', content: 'You said two.' },
        { role: 'user', content: 'three' },
      ])
      const proofs = () => page.getByText('The model was asked once.').count()
      await expect.poll(proofs).toBe(3)

      await page.getByRole('button', { name: 'Edit question' }).nth(1).click()
      await page.getByLabel('Your question, to be rewritten').fill('zwei')
      await page.keyboard.press('Enter')
      await answered('zwei')
      expect(await chat.said()).toEqual([
        ['one', 'You said one.'],
        ['zwei', 'You said zwei.'],
      ])
      expect(asked().messages).toEqual([
        { role: 'user', content: 'one' },
        { role: 'assistant', content: 'You said one.' },
        { role: 'user', content: 'zwei' },
      ])

      await expect.poll(proofs).toBe(2)
      await chat.press('Ask again')
      await expect.poll(() => model.calls).toBe(5)
      await answered('zwei')

      const shown = await chat.said()
      await page.reload()
      await answered('zwei')
      expect(await chat.said()).toEqual(shown)
      await chat.press('New conversation')
      expect(await chat.said()).toEqual([])
      await page.getByRole('heading', { level: 2 }).waitFor()
    }))

  test('a tool that was called goes back to the model with what came of it, also after a reload', ({ expect }) =>
    visit(framework, { script: { tokensPerSecond: 0, firstTokenDelay: 0 } }, async ({ page, chat, model }) => {
      const answered = (nth: number) => page.locator('.answer[data-status=done]').nth(nth).waitFor()
      await page.getByLabel('Model').selectOption('toolmaker')
      await chat.ask('Plan a day in Busan')
      await answered(0)
      await page.getByText('The model is told of it with your next question.').waitFor()
      await page.reload()
      await chat.ask('Plan that day in Busan once more')
      await answered(1)
      const { messages } = model.ledger.at(-1)!.body as { readonly messages: readonly Record<string, unknown>[] }
      expect(messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'tool', 'user'])
      const [, { tool_calls: calls }, result] = messages as [unknown, { tool_calls: { id: string }[] }, object]
      expect(calls).toMatchObject([{ type: 'function', function: { name: 'create_event' } }])
      expect(result).toEqual({
        role: 'tool',
        tool_call_id: calls[0]!.id,
        content: expect.stringMatching('"start":"2027-'),
      })
      // It heard of it: it makes no second event. And what it was sent is what the page knows to have sent.
      await chat.says(/is ready for your calendar already/)
      expect(await page.locator('.tool').count()).toBe(1)
      await chat.says('The model was asked once.')
    }))

  test('what is chosen is asked for, and chosen still after a reload', ({ expect }) =>
    visit(framework, { script: { answer: 'Yes.' } }, async ({ page, chat, model }) => {
      const asked = () => model.ledger.at(-1)!.body
      await chat.ask('Plain')
      await chat.becomes('done')
      expect(Object.keys(asked() as object)).not.toContain('temperature')

      await page.getByLabel('Model').selectOption('swift')
      await chat.set({ Temperature: '0.5', 'Maximum length': '7', 'System prompt': 'Be brief.' })
      await page.reload()
      await page.locator('.model option', { hasText: 'swift' }).waitFor({ state: 'attached' })
      await chat.ask('Chosen')
      await expect.poll(() => model.calls).toBe(2)
      expect(asked()).toMatchObject({ model: 'swift', temperature: 0.5, max_tokens: 7 })
      expect((asked() as { messages: readonly object[] }).messages[0]).toEqual({ role: 'system', content: 'Be brief.' })
      await chat.becomes('done')

      await chat.set({ Temperature: '', 'Maximum length': '' })
      await chat.ask('Plain again')
      await expect.poll(() => model.calls).toBe(3)
      expect(Object.keys(asked() as object)).not.toContain('temperature')
    }))
})
