// Longer than most: the states of every page, each reached once and held, so that three frameworks can be laid over each other.
import { tokens } from '@keepstream/testing'
import type { Page } from 'playwright-core'
import { test } from 'vitest'
import { type Album, createAlbum, expectSameAlbum } from './album'
import { useDemo } from './demo'
import { frameworks } from './demos'
import { poll } from './poll'
import { useVisits, type Visit, type VisitOptions } from './visit'

const visit = useVisits()
const demo = useDemo()

/** Without chance: the same draws in every framework, and never the same twice, since keys are made of them. */
const withoutChance = () => {
  let draws = 0
  Math.random = () => 0.5
  crypto.getRandomValues = (array) => {
    if (array) new Uint8Array(array.buffer, array.byteOffset, array.byteLength).fill(++draws)
    return array
  }
}

type Act = (visit: Visit & Pick<Album, 'take'>) => Promise<void>

/** Does the same in the three demos, beside each other, and compares what was seen. */
async function sameEverywhere(prefix: string, { page, ...options }: VisitOptions, act: Act): Promise<void> {
  const albums = await Promise.all(
    frameworks.map(async (framework) => {
      const albums: Album[] = []
      const prepare = async (fresh: Page) => {
        await fresh.addInitScript(withoutChance)
        await page?.prepare?.(fresh)
      }
      await visit(framework, { ...options, page: { reducedMotion: 'reduce', ...page, prepare } }, async (visited) => {
        const album = createAlbum(visited.page)
        albums.push(album)
        await act({ ...visited, take: album.take })
      })
      return [framework, albums[0]!] as const
    }),
  )
  const [[, first], ...others] = albums as [(typeof albums)[number], ...typeof albums]
  for (const other of others) expectSameAlbum(prefix, first, other)
}

/** Time stands still in the page from now on. Whoever has no time of its own left is given some by `runFor`. */
async function stopTime(page: Page): Promise<void> {
  await page.clock.pauseAt((await page.evaluate(() => Date.now())) + 1_000)
}

const quick = { tokensPerSecond: 0, firstTokenDelay: 0 }
const stall = (afterTokens: number) => ({ type: 'stall', afterTokens }) as const

test('the chat looks the same while it is empty, waits, streams, is done, thinks, calls a tool, fails and is rewritten', () =>
  sameEverywhere('chat', { script: quick }, async ({ page, chat, model, take }) => {
    await page.locator('.model:enabled').waitFor()
    await take('empty')
    model.next(stall(0), stall(70))
    await page.locator('.suggestions button').first().click()
    await model.waitForCall()
    await chat.wireSays('Connected')
    await take('pending')
    await page.keyboard.press('Escape')
    await chat.becomes('stopped')
    await chat.says(/has been told/)
    await take('stopped')
    await chat.press('Ask again')
    await chat.becomes('streaming')
    await page.keyboard.press('Escape')
    await chat.becomes('stopped')

    await chat.ask('Plan a day in Busan')
    await chat.becomes('done')
    await chat.says('The model was asked once.')
    await take('done')
    await page.getByLabel('Model').selectOption('toolmaker')
    await chat.ask('Plan a day in Busan')
    await chat.becomes('done')
    await chat.says('The model was asked once.')
    await take('tool')

    await page.getByLabel('Model').selectOption('thoughtful')
    model.next(stall(20))
    await chat.ask('Why is the sky blue?')
    await page.locator('.reasoning summary').last().click()
    await page.locator('.reasoning p').last().waitFor()
    await take('thinking', ['.reasoning p'])
    await page.keyboard.press('Escape')
    await chat.becomes('stopped')
    await page.getByLabel('Model').selectOption('steady')
    model.next({ type: 'error', afterTokens: 30 })
    await chat.ask('Why was it cut?')
    await chat.becomes('failed')
    await take('failed')
    model.next({ type: 'status', status: 401 })
    await chat.press('Ask again')
    await chat.becomes('failed')
    await chat.says('No answer came through')
    await take('refused')
    await page.getByRole('button', { name: 'Settings' }).click()
    await take('settings')
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: 'Edit question' }).last().click()
    await take('editing')
  }))

// Of which nothing is missing but its end.
const held =
  '## 연결은 답변이 아니에요\n\n둘을 **떼어** 놓으면 돼요.\n\n```ts\nconst answer = 1\n```\n\n1. 조각\n2. 기록'

test('an answer looks the same while it is held, comes back, is offline and breaks off', () =>
  sameEverywhere(
    'wire',
    { script: { ...quick, answer: held }, page: { locale: 'ko-KR', prepare: (page) => page.clock.install() } },
    async ({ page, chat, model, proxy, take }) => {
      const wire = (words: RegExp) =>
        poll(async () => {
          await page.clock.runFor(20)
          return chat.wire.textContent()
        }).toMatch(words)
      await page.locator('.model:enabled').waitFor()
      model.next(stall(tokens(held).length))
      await chat.ask('답변은 어떻게 이어지나요?')
      await page.locator('.prose li', { hasText: '기록' }).waitFor()
      await take('streaming')
      await stopTime(page)
      await proxy.refuse()
      proxy.cut()
      for (let attempt = 2; attempt <= 9; attempt++) {
        await wire(new RegExp(`${attempt}번째 시도, `))
        if (attempt === 4) await take('reconnecting')
        await page.clock.fastForward(8_000)
      }
      await page.clock.resume()
      await chat.becomes('interrupted')
      await take('interrupted')

      await proxy.restore()
      await chat.press('이어 받기')
      await chat.wireSays('연결됨')
      await page.context().setOffline(true)
      proxy.cut()
      await chat.wireSays(/오프라인/)
      await take('offline')
      await page.context().setOffline(false)
    },
  ))

test('models beside each other look the same before, in line, and after', () =>
  sameEverywhere(
    'compare',
    { at: '#/compare', script: quick, page: { locale: 'ko-KR' } },
    async ({ page, model, take }) => {
      const measured = ['.figures dd', '.track', '.axis', '.rank']
      const state = (name: string) => page.getByRole('article', { name, exact: true }).locator('.wire').textContent()
      await page.getByRole('checkbox', { name: /^toolmaker/ }).waitFor()
      await take('empty')
      await page.getByRole('checkbox', { name: /^toolmaker/ }).click()
      await page.getByRole('checkbox', { name: /^fragile/ }).click()
      model.always(stall(0))
      await page.getByRole('button', { name: '모두에게 묻기' }).click()
      await poll(() => state('fragile')).toMatch(/2번째/)
      await poll(() => state('steady')).toMatch(/첫 토큰/)
      await poll(() => state('swift')).toMatch(/첫 토큰/)
      await take('queued', measured)
      await page.getByRole('button', { name: '모두 중지' }).click()
      await poll(() => state('fragile')).toMatch(/중지했어요/)
      await take('stopped', measured)
      model.always(undefined)
      await page.getByRole('button', { name: '모두에게 묻기' }).click()
      for (const name of ['steady', 'swift', 'thoughtful']) await poll(() => state(name)).toBe('답변을 마쳤어요')
      await poll(() => state('fragile')).toMatch(/못했어요|끊겼어요/)
      await take('done', measured)
    },
  ))

/** The beginning of a report, up to the parts that run beside each other: what a page shows of it does not change. */
async function beginningOfReport() {
  const { url } = await demo({ script: quick })
  const order = { topic: 'Trains at night', speed: 'fast', fail: false, language: 'en' }
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'the-beginning-of-a-report' }
  const response = await fetch(`${url}/api/reports`, { method: 'POST', headers, body: JSON.stringify(order) })
  let body = ''
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream())) {
    body += piece
    const end = body.lastIndexOf('\n\n')
    if (body.slice(0, end).split('composing').length > 2) {
      return { status: response.status, headers: Object.fromEntries(response.headers), body: body.slice(0, end + 2) }
    }
  }
  throw new Error(`The report was over before its parts began: ${body}`)
}

test('a report looks the same before it is ordered, while it is written, before it is cancelled, and when it is done', async () => {
  const beginning = await beginningOfReport()
  await sameEverywhere(
    'task',
    { at: '#/task', page: { prepare: (page) => page.clock.install() } },
    async ({ page, take }) => {
      const heading = () => page.locator('.job-head h2').textContent()
      const order = () => page.getByRole('button', { name: /^Order/ }).click()
      await take('empty')
      await page.getByText('Fast', { exact: true }).click()
      await page.route('**/api/reports', (route) => route.fulfill(beginning))
      await page.route('**/streams/**', (route) => route.abort())
      await order()
      await poll(() => page.locator('.job .wire').textContent()).toMatch(/attempt 3/)
      await stopTime(page)
      await take('running', ['.wire', 'time'])
      await page.clock.resume()
      await page.getByRole('button', { name: 'Cancel', exact: true }).click()
      await take('cancelling', ['.wire', 'time'])
      await page.keyboard.press('Escape')
      await page.unrouteAll()
      // What nobody begins here the server does not know.
      await poll(heading, { timeout: 30_000 }).toMatch(/broke off|could not/)
      await take('gone', ['time'])
      await order()
      await poll(heading, { timeout: 30_000 }).toBe('The report is ready')
      await take('done', ['time'])
    },
  )
})

test('messages look the same before there are any, with some of each kind, and with some that are lost', () =>
  sameEverywhere('live', { at: '#/live', page: { locale: 'ko-KR' } }, async ({ page, url, proxy, take }) => {
    const wires = async () => (await page.locator('.tab-card .wire').allTextContents()).join()
    const texts = () => page.locator('.feed-text').allTextContents()
    const say = async (text: string) => {
      const headers = { 'content-type': 'application/json' }
      await fetch(`${url}/api/announcements`, { method: 'POST', headers, body: JSON.stringify({ text }) })
    }
    await poll(wires).toMatch(/연결됨.*연결됨/)
    await take('empty')
    await page.getByRole('textbox', { name: '메시지' }).fill('안녕하세요')
    await page.keyboard.press('Enter')
    await poll(texts).toHaveLength(1)
    await take('said', ['time'])
    await page.context().setOffline(true)
    proxy.cut()
    await poll(wires).toMatch(/오프라인.*오프라인/)
    await take('offline', ['time'])
    for (let number = 1; number <= 30; number++) await say(`Number ${number}`)
    await page.context().setOffline(false)
    await poll(texts).toHaveLength(21)
    await poll(wires).toMatch(/연결됨.*연결됨/)
    await take('missed', ['time'])
  }))

test('the Lab looks the same before, while something is broken, and after', () =>
  sameEverywhere(
    'lab',
    {
      at: '#/lab',
      script: { tokensPerSecond: 400, firstTokenDelay: 100 },
      page: { viewport: { width: 1180, height: 900 } },
    },
    async ({ page, take }) => {
      const measured = [
        '.lab-plot',
        '.lab-statistics dd',
        '.lab-log ol',
        '.lab-lane .wire',
        '.lab-scroll',
        '.lab-figures dd',
      ]
      const states = () =>
        page.locator('.lab-lane').evaluateAll((lanes) => lanes.map((lane) => lane.getAttribute('data-state')))
      await page.locator('.lab-plot canvas').waitFor()
      await take('empty')
      await page.locator('.lab-start').click()
      await poll(() => page.locator('.lab-text').count()).toBe(3)
      await page.locator('[data-fault="offline"]').click()
      await poll(() => states().then(([first]) => first)).toBe('waiting')
      await page.locator('[data-fault="offline"]').click()
      await poll(states, { timeout: 40_000 }).toEqual(['finished', 'finished', 'finished'])
      await take('done', measured)
    },
  ))
