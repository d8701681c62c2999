import { describe, expect, test } from 'vitest'
import { lane, type PageScope } from './lanes'

const settle = () => new Promise<void>((resolve) => setImmediate(resolve))

type Entries = Record<string, { name: string; nextHopProtocol?: string }[]>

/** A page whose browser has those entries. */
function page(entries: Entries = {}): PageScope & { looks: number } {
  const scope = {
    looks: 0,
    location: {},
    performance: {
      getEntriesByType(type: string) {
        scope.looks++
        return entries[type] ?? []
      },
    },
  }
  return scope
}

/** Opens so many streams and tells how many are let through, and the places of the others. */
async function crowd(url: string, scope: PageScope, count: number) {
  const controllers = Array.from({ length: count }, () => new AbortController())
  const places: (number | undefined)[] = []
  const releases: (() => void)[] = []
  for (const [index, { signal }] of controllers.entries()) {
    const waits = (position: number | undefined) => {
      places[index] = position
    }
    lane(url, { signal, waits }, scope).then(
      (release) => releases.push(release),
      () => {},
    )
  }
  await settle()
  return {
    releases,
    places,
    leave: (index: number) => controllers[index]!.abort(),
    end: () => controllers.forEach((controller) => void controller.abort()),
  }
}

describe('lane', () => {
  test('five streams of a page go to an http: origin at once; the others wait and know their place', async () => {
    const { releases, places, end } = await crowd('http://one.test/a', page(), 8)
    expect(releases.length).toBe(5)
    expect(places.slice(5)).toEqual([1, 2, 3])
    end()
  })

  test('the end of one, and the abort of another, each let one more go', async () => {
    const { releases, leave, places, end } = await crowd('http://two.test/a', page(), 8)
    releases[0]!()
    leave(1)
    await settle()
    expect(releases.length).toBe(7)
    expect(places[7]).toBe(1)
    end()
  })

  test('one that waits leaves the line with its signal', async () => {
    const { leave, places, end } = await crowd('http://three.test/a', page(), 7)
    leave(5)
    expect(places[6]).toBe(1)
    end()
  })

  test('each origin has lanes of its own', async () => {
    const first = await crowd('http://four.test/a', page(), 5)
    const second = await crowd('http://four.test:8080/a', page(), 5)
    expect([first.releases.length, second.releases.length]).toEqual([5, 5])
    first.end()
    second.end()
  })

  test('outside a page there is no limit', async () => {
    const { releases, end } = await crowd('http://five.test/a', {}, 50)
    expect(releases.length).toBe(50)
    end()
  })

  test('this runtime is no page', async () => {
    const controllers = Array.from({ length: 7 }, () => new AbortController())
    await Promise.all(controllers.map(({ signal }) => lane('http://here.test/', { signal })))
    for (const controller of controllers) controller.abort()
  })

  test.each([
    ['h2', 8],
    ['h3', 8],
    ['http/1.1', 5],
    ['http/1.0', 5],
    // Hidden by the origin: `Timing-Allow-Origin` is missing.
    ['', 8],
    [undefined, 8],
  ])('an https: origin whose entry says %s lets %i of 8 go', async (nextHopProtocol, count) => {
    const origin = `https://${(nextHopProtocol || `x${count}`).replace('/', '-')}.test`
    const entry = { name: `${origin}/style.css`, ...(nextHopProtocol !== undefined && { nextHopProtocol }) }
    const { releases, end } = await crowd(`${origin}/a`, page({ resource: [entry] }), 8)
    expect(releases.length).toBe(count)
    end()
  })

  test("the page's own entry counts for its own origin", async () => {
    const scope = page({ navigation: [{ name: 'https://seven.test/chat?x', nextHopProtocol: 'http/1.1' }] })
    const { releases, end } = await crowd('https://seven.test/a', scope, 8)
    const other = await crowd('https://seven.tes/a', scope, 8)
    expect([releases.length, other.releases.length]).toEqual([5, 8])
    end()
    other.end()
  })

  test('an origin is looked up until it is known, and then not again', async () => {
    const resource: { name: string; nextHopProtocol: string }[] = []
    const scope = page({ resource })
    const before = await crowd('https://eight.test/a', scope, 4)
    resource.push({ name: 'https://eight.test/x', nextHopProtocol: 'http/1.1' })
    const after = await crowd('https://eight.test/a', scope, 4)
    expect([before.releases.length, after.releases.length]).toEqual([4, 1])
    const { looks } = scope
    const more = await crowd('https://eight.test/a', scope, 4)
    expect(scope.looks).toBe(looks)
    for (const { end } of [more, after, before]) end()
  })

  test('an origin that carries nothing is forgotten when another comes, and is learnt anew', async () => {
    const first = await crowd('https://nine.test/a', page(), 1)
    first.end()
    const other = await crowd('https://ten.test/a', page(), 1)
    const entry = { name: 'https://nine.test/x', nextHopProtocol: 'http/1.1' }
    const again = await crowd('https://nine.test/a', page({ resource: [entry] }), 8)
    expect(again.releases.length).toBe(5)
    other.end()
    again.end()
  })
})
