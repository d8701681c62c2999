import { expect, vi } from 'vitest'

type Poll = (...given: Parameters<typeof expect.poll>) => ReturnType<typeof expect.poll>

/** As `expect.poll`, which cannot tell tests apart that run beside each other. Waits for 30 s where nothing else is said. */
export const poll: Poll = (read, { timeout = 30_000 } = {}) =>
  new Proxy({} as ReturnType<Poll>, {
    get:
      (_, matcher: string) =>
      (...given: readonly unknown[]) =>
        vi.waitFor(
          async () => {
            const assertion = expect(await read()) as unknown as Record<string, (...given: readonly unknown[]) => void>
            assertion[matcher]!(...given)
          },
          { timeout, interval: 50 },
        ),
  })
