// Longer than most: the states of every page, each reached once and held, so that three frameworks can be laid over each other.
import { type Script, tokens } from '@keepstream/testing'
import type { Page } from 'playwright-core'
import { expect, test } from 'vitest'
import { type Album, createAlbum, expectSameAlbum } from './album'
import { useDemo } from './demo'
import { frameworks } from './demos'
import { poll } from './poll'
import { stopTime } from './stop-time'
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

/** Waits, in a page whose time stands still, until its connection waits for this attempt; with how long it still waits. */
const waitsFor = (page: Page, attempt: RegExp) =>
  poll(async () => {
    await page.clock.runFor(20)
    return page.locator('.wire').textContent()
  }).toMatch(attempt)

const quick = { tokensPerSecond: 0, firstTokenDelay: 0 }
const stall = (afterTokens: number) => ({ type: 'stall', afterTokens }) as const

// With everything that Markdown has, and what each model adds to it. The first sentences are cut short below.
const opening = 'A log is kept, and whoever reads it holds a place in it.'
const thought = 'Somebody asks about colours, which is a question of waves.'
const manners: Readonly<Record<string, Script>> = {
  steady: {
    text: `${opening}\n\n## What **matters**\n\n1. The *log*\n2. The \`cursor\`\n\n- [x] done\n- more\n\n| one | two |\n|---|--:|\n| a | 1 |\n\n> A quotation\n\n\`\`\`ts\nconst answer = 1\n\`\`\`\n\n[A link](https://example.com/), and the end.`,
  },
  thoughtful: { reasoning: thought, text: opening },
  toolmaker: {
    text: 'A day by the sea.',
    toolCalls: [
      {
        name: 'create_event',
        arguments: { title: 'A day in Busan', start: '2027-04-10T09:00', duration_minutes: 600, reminder_minutes: 10 },
      },
    ],
  },
}
const answerOf = ({ model }: { readonly model: string }): Script => manners[model]!
const beginning = (text: string, count: number) => tokens(text).slice(0, count).join('').trim()

test('the chat looks the same while it is empty, waits, streams, is done, thinks, calls a tool, fails and is rewritten', () =>
  sameEverywhere('chat', { script: { ...quick, answer: answerOf } }, async ({ page, chat, model, take }) => {
    /** What has come is stopped, and the model has been told. */
    const stop = async () => {
      await page.keyboard.press('Escape')
      await chat.becomes('stopped')
      await chat.says(/has been told/)
    }
    await page.locator('.model:enabled').waitFor()
    await take('empty')
    model.next(stall(0), stall(8))
    await page.locator('.suggestions button').first().click()
    await model.waitForCall(1, { timeout: 30_000 })
    await chat.wireSays('Connected')
    await take('pending')
    await stop()
    await take('stopped')
    await chat.press('Ask again')
    await chat.says(beginning(opening, 8))
    await take('streaming')
    await stop()

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
    model.next(stall(9))
    await chat.ask('Why is the sky blue?')
    await page.locator('.reasoning summary').last().click()
    await chat.says(beginning(thought, 9))
    await take('thinking')
    await stop()
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
      await page.locator('.model:enabled').waitFor()
      model.next(stall(tokens(held).length))
      await chat.ask('답변은 어떻게 이어지나요?')
      await page.locator('.prose li', { hasText: '기록' }).waitFor()
      await take('streaming')
      await stopTime(page)
      await proxy.refuse()
      proxy.cut()
      for (let attempt = 2; attempt <= 9; attempt++) {
        await waitsFor(page, new RegExp(`${attempt}번째 시도, `))
        // By now a wait is as long as it gets, whatever the server asked for: 6 s.
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
    { at: '#/compare', script: quick, page: { locale: 'ko-KR', prepare: (page) => page.clock.install() } },
    async ({ page, model, take }) => {
      const measured = ['.figures dd', '.track', '.axis']
      const models = ['steady', 'swift', 'thoughtful', 'fragile']
      const state = (name: string) => page.getByRole('article', { name, exact: true }).locator('.wire').textContent()
      const states = () => Promise.all(models.map(state))
      const all = (words: RegExp) => [words, words, words, words].map((one) => expect.stringMatching(one))
      await page.getByRole('checkbox', { name: /^toolmaker/ }).waitFor()
      await take('empty')
      await page.getByRole('checkbox', { name: /^toolmaker/ }).click()
      await page.getByRole('checkbox', { name: /^fragile/ }).click()
      model.always(stall(0))
      // A connection that were silent for too long would be lost, and its place given to who waits.
      await stopTime(page)
      await page.getByRole('button', { name: '모두에게 묻기' }).click()
      await poll(states).toEqual([/첫 토큰/, /첫 토큰/, /1번째/, /2번째/].map((words) => expect.stringMatching(words)))
      await take('queued', measured)
      await page.clock.resume()
      await page.getByRole('button', { name: '모두 중지' }).click()
      await poll(states).toEqual(all(/중지했어요/))
      await take('stopped', measured)
      model.always(undefined)
      // One after the other: who is first, and is told and shown to be, is no matter of who was quicker.
      await page.getByRole('radio', { name: '1', exact: true }).click()
      await page.getByRole('button', { name: '모두에게 묻기' }).click()
      await poll(states).toEqual([...all(/답변을 마쳤어요/).slice(1), expect.stringMatching(/못했어요|끊겼어요/)])
      await take('done', measured)
    },
  ))

/** One report from its order to its end, which all are shown: the same times, the same lines in the same order. */
async function recordReport() {
  const { url } = await demo({ script: quick })
  const order = { topic: 'Trains at night', speed: 'fast', fail: false, language: 'en' }
  const headers = { 'content-type': 'application/json', 'idempotency-key': 'a-report-that-is-shown-to-all' }
  const response = await fetch(`${url}/api/reports`, { method: 'POST', headers, body: JSON.stringify(order) })
  // How long to wait after a loss the server draws; a countdown of 1.7 s and 3.4 s stays far from the next second.
  const whole = (await response.text()).replaceAll(/^retry: \d+$/gm, 'retry: 1700')
  // Up to the parts that run beside each other: the step is called as they are.
  const [, both] = /^(.*?(?:composing.*?){3}\n\n)/s.exec(whole) ?? []
  if (both === undefined) throw new Error(`No parts began in the report: ${whole}`)
  return { status: response.status, headers: Object.fromEntries(response.headers), whole, beginning: both }
}

test('a report looks the same before it is ordered, while it is written, before it is cancelled, and when it is done', async () => {
  const { whole, beginning, ...head } = await recordReport()
  await sameEverywhere(
    'task',
    { at: '#/task', page: { prepare: (page) => page.clock.install() } },
    async ({ page, take }) => {
      const heading = () => page.locator('.job-head h2').textContent()
      const order = () => page.getByRole('button', { name: /^Order/ }).click()
      let body = beginning
      await take('empty')
      await page.getByText('Fast', { exact: true }).click()
      await page.route('**/api/reports', (route) => route.fulfill({ ...head, body }))
      await page.route('**/streams/**', (route) => route.abort())
      await stopTime(page)
      await order()
      await waitsFor(page, /attempt 2, in/)
      await page.clock.fastForward(8_000)
      await waitsFor(page, /attempt 3, in/)
      await take('running')
      await page.getByRole('button', { name: 'Cancel', exact: true }).click()
      await take('cancelling')
      await page.keyboard.press('Escape')
      await page.unroute('**/streams/**')
      await page.clock.fastForward(8_000)
      await page.clock.resume()
      // What nobody begins here the server does not know.
      await poll(heading).toMatch(/broke off/)
      await take('gone')
      body = whole
      await order()
      await poll(heading).toBe('The report is ready')
      await take('done')
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
    // Who hears it first: the list, or the form that sent it?
    await poll(() => page.locator('.said').textContent()).toMatch(/보냈어요/)
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

test('the Lab looks the same before, after, and while something is broken', () =>
  sameEverywhere(
    'lab',
    { at: '#/lab', script: quick, page: { viewport: { width: 1180, height: 900 } } },
    async ({ page, take }) => {
      const measured = ['.lab-plot', '.lab-statistics dd', '.lab-log ol', '.lab-scroll']
      const states = () =>
        page.locator('.lab-lane').evaluateAll((lanes) => lanes.map((lane) => lane.getAttribute('data-state')))
      // One of the three is answered wrongly, and always by as much.
      await page.route('**/lab/raw/chat', async (route) => {
        const response = await route.fetch()
        const body = await response.text()
        await route.fulfill({ response, body: body + body })
      })
      await page.locator('.lab-plot canvas').waitFor()
      // What the server tells of itself.
      await page.locator('.lab-kept').waitFor({ state: 'attached' })
      await take('empty')
      await page.locator('.lab-start').click()
      await poll(states).toEqual(['finished', 'finished', 'finished'])
      // The ledger is read once more when all is over.
      await poll(() => page.locator('.lab-figures > div:last-child dd').allTextContents()).toEqual([
        '1 ×',
        '1 ×',
        '1 ×',
      ])
      await take('done', measured)
      await page.locator('[data-fault="offline"]').click()
      await page.locator('[data-fault="offline"][aria-pressed="true"]').waitFor()
      await take('broken', measured)
    },
  ))
