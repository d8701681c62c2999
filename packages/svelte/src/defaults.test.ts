import { defaultsContract, optionsOver, scriptedTransport } from '@keepstream/testing/contracts'
import { render } from '@testing-library/svelte'
import { describe, expect, it } from 'vitest'
import { dialects } from '../test/mount'
import Provides from '../test/Provides.svelte'
import { provideKeepstream, type UseStreamReturn, useStream } from './index'

const { protocol } = optionsOver(scriptedTransport())

describe('provideKeepstream', () => {
  it('reaches the component that calls it too', async () => {
    const paths: string[] = []
    const refuse = async (input: RequestInfo | URL) => {
      paths.push(new URL(String(input)).pathname)
      return new Response(undefined, { status: 400 })
    }
    let answer: UseStreamReturn<unknown, unknown> | undefined
    const create = () => {
      answer = useStream({ protocol }) as never
    }
    render(Provides, { props: { defaults: { url: '/page', fetch: refuse as typeof fetch }, create } })
    await answer?.start()
    expect(paths).toEqual(['/page'])
  })

  it('says where to call it when there is no component', () => {
    expect(() => provideKeepstream({})).toThrow(
      /^There is no component that `provideKeepstream` could provide for\. Call it/,
    )
  })

  it('is not asked where a function is called outside of components', () => {
    expect(useStream({ protocol, url: '/api' }).status).toBe('idle')
    expect(() => useStream({ protocol })).toThrow('Option `url`')
  })
})

for (const harnesses of dialects) defaultsContract(harnesses)
