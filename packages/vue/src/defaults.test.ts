import { defaultsContract, optionsOver, scriptedTransport } from '@keepstream/testing/contracts'
import { render } from '@testing-library/vue'
import { describe, expect, it } from 'vitest'
import { createApp, defineComponent, effectScope, h, reactive } from 'vue'
import { harnesses } from '../test/mount'
import { KeepstreamPlugin, provideKeepstream, useStream } from './index'

const { protocol } = optionsOver(scriptedTransport())

/** A server that refuses every request, and remembers where it went. */
function serve() {
  const paths: string[] = []
  const refuse = async (input: RequestInfo | URL) => {
    paths.push(new URL(String(input)).pathname)
    return new Response(undefined, { status: 400 })
  }
  return { paths, fetch: refuse as typeof fetch }
}

describe('KeepstreamPlugin', () => {
  it('gives defaults to the whole application, over which those of a component count', async () => {
    const { paths, fetch } = serve()
    const Ask = defineComponent(() => {
      const { start } = useStream({ protocol })
      return () => h('button', { onClick: () => start() }, 'Ask')
    })
    const Inner = defineComponent(() => {
      provideKeepstream({ url: '/inner' })
      return () => h(Ask)
    })
    const Page = defineComponent(() => () => h('main', [h(Ask), h(Inner)]))
    const page = render(Page, { global: { plugins: [[KeepstreamPlugin, { url: '/app', fetch }]] } })
    for (const button of page.getAllByText('Ask')) button.click()
    await expect.poll(() => paths).toEqual(['/app', '/inner'])
  })

  it('reaches what is used in the context of the application, such as a store', async () => {
    const { paths, fetch } = serve()
    const app = createApp({}).use(KeepstreamPlugin, { url: '/app', fetch })
    await app.runWithContext(() => effectScope().run(() => useStream({ protocol }).start()))
    expect(paths).toEqual(['/app'])
  })

  it('may be given what changes, which counts from the next start', async () => {
    const { paths, fetch } = serve()
    const defaults = reactive({ url: '/first', fetch })
    const app = createApp({}).use(KeepstreamPlugin, defaults)
    const { start } = app.runWithContext(() => effectScope().run(() => useStream({ protocol })))!
    await start()
    defaults.url = '/second'
    await start()
    expect(paths).toEqual(['/first', '/second'])
  })

  it('refuses an option that there is not', () => {
    const install = () => createApp({}).use(KeepstreamPlugin, { urll: '/app' } as never)
    expect(install).toThrow(/no option `defaults.urll`/)
  })
})

describe('provideKeepstream', () => {
  it('says where to call it when there is no component', () => {
    expect(() => provideKeepstream({})).toThrow(
      /^There is no component that `provideKeepstream` could provide for\. Call it/,
    )
  })
})

defaultsContract(harnesses)
