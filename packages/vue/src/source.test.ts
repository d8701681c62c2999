import { registry } from '@keepstream/core'
import {
  createGate,
  endFrame,
  helloFrame,
  optionsOver,
  scriptedTransport,
  textFrame,
} from '@keepstream/testing/contracts'
import { render } from '@testing-library/vue'
import { afterEach, describe, expect, it } from 'vitest'
import {
  computed,
  defineComponent,
  effectScope,
  h,
  isProxy,
  isReactive,
  nextTick,
  onUpdated,
  reactive,
  ref,
  shallowRef,
  watchEffect,
} from 'vue'
import { useChat, useCompare, useStream } from './index'

afterEach(() => registry.clear())

const run = <T>(setup: () => T) => effectScope().run(setup) as T

describe('what a composable shows', () => {
  it('is never made reactive in depth, also within a reactive object', async () => {
    const call = { event: 'tool-call', data: '{"id":"1","name":"search","arguments":"{}"}', id: 'k-2' }
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hello'), call, endFrame(3)]])
    const answer = run(() => useStream(optionsOver(transport)))
    await answer.start()
    await expect.poll(() => answer.status.value).toBe('done')
    const held = {
      plain: answer.data.value,
      inReactive: reactive(answer).data,
      inRef: ref({ answer }).value.answer.data,
    }
    expect(held.plain.toolCalls).toHaveLength(1)
    for (const data of Object.values(held)) {
      expect(data).toBe(answer.stream.value.get().data)
      expect([isProxy(data), isProxy(data.toolCalls), isReactive(data.toolCalls[0])]).toEqual([false, false, false])
    }
  })

  it('is the conversation that was given, out of its proxies', () => {
    const stored = ref([{ id: '1', role: 'user', content: 'Hi' }] as const)
    const { messages } = run(() => useChat(() => ({ url: '/api/chat', messages: stored.value })))
    expect([isProxy(messages.value), isProxy(messages.value[0])]).toEqual([false, false])
    expect(messages.value).toEqual([{ id: '1', role: 'user', content: 'Hi' }])
  })

  it('updates a component only for what it reads', async () => {
    const turn = () => new Promise((resolve) => setTimeout(resolve))
    const pieces = Array.from({ length: 20 }, (_, index) => [textFrame(index + 1, `${index} `), turn]).flat()
    const transport = scriptedTransport([helloFrame(), ...pieces, endFrame(21)])
    // Each piece is shown by itself, however slow the machine is.
    const options = optionsOver(transport, { key: 'parts', schedule: (notify: () => void) => notify() })
    let updates = 0
    const State = defineComponent(() => {
      const { status, start } = useStream(options)
      onUpdated(() => updates++)
      return () => h('button', { onClick: () => start() }, status.value)
    })
    const { container } = render(State)
    const { cursor } = run(() => useStream(options))
    const cursors = new Set<unknown>()
    const scope = effectScope()
    scope.run(() => watchEffect(() => cursors.add(cursor.value)))
    container.querySelector('button')?.click()
    await expect.poll(() => container.textContent).toBe('done')
    scope.stop()
    expect(cursors.size).toBeGreaterThan(10)
    expect(updates).toBeLessThanOrEqual(3)
  })
})

describe('options of a composable', () => {
  it('are read again at each start, so that a getter may read what is not reactive', async () => {
    const seen: unknown[] = []
    let token = 'first'
    const fetch = async (_: unknown, init?: RequestInit) => {
      seen.push(new Headers(init?.headers).get('authorization'))
      return new Response(undefined, { status: 400 })
    }
    const { protocol } = optionsOver(scriptedTransport())
    const answer = run(() => useStream(() => ({ url: '/api', protocol, fetch, headers: { authorization: token } })))
    await answer.start()
    token = 'second'
    await answer.start()
    expect(seen).toEqual(['first', 'second'])
  })

  it('follow what is changed deep within a reactive object at the next start', async () => {
    const seen: unknown[] = []
    const fetch = async (_: unknown, init?: RequestInit) => {
      seen.push(new Headers(init?.headers).get('authorization'))
      return new Response(undefined, { status: 400 })
    }
    const { protocol } = optionsOver(scriptedTransport())
    const options = reactive({ url: '/api', protocol, fetch, headers: { authorization: 'first' } })
    const answer = run(() => useStream(options))
    await answer.start()
    options.headers.authorization = 'second'
    await answer.start()
    expect(seen).toEqual(['first', 'second'])
  })

  it('may be read by an effect that starts, which that does not run again', async () => {
    const transport = scriptedTransport(
      [[helloFrame(), textFrame(1, 'One'), endFrame(2)]],
      [[helloFrame(), textFrame(1, 'Two'), endFrame(2)]],
    )
    const question = shallowRef('one')
    const headers = shallowRef({ 'x-page': '1' })
    const asked: unknown[] = []
    const scope = effectScope()
    const answer = scope.run(() => {
      const answer = useStream(() => optionsOver(transport, { headers: headers.value }))
      watchEffect(() => {
        asked.push(question.value)
        void answer.start(question.value)
      })
      return answer
    })!
    await expect.poll(() => answer.status.value).toBe('done')
    headers.value = { 'x-page': '2' }
    await nextTick()
    expect(asked).toEqual(['one'])
    question.value = 'two'
    await nextTick()
    await expect.poll(() => answer.data.value.text).toBe('Two')
    expect(asked).toEqual(['one', 'two'])
    scope.stop()
  })

  it('may name another model within a reactive list', async () => {
    const options = reactive({ url: '/api', models: ['small'] })
    const scope = effectScope()
    const { answers } = scope.run(() => useCompare(options))!
    const names = computed(() => answers.value.map(({ model }) => model))
    expect(names.value).toEqual(['small'])
    await nextTick()
    options.models.push('large')
    await nextTick()
    expect(names.value).toEqual(['small', 'large'])
    scope.stop()
  })
})

describe('an effect scope', () => {
  it('without a component has defaults of none, and is left when it ends', async () => {
    const gate = createGate()
    const transport = scriptedTransport([[helloFrame(), textFrame(1, 'Hel')], gate, [textFrame(2, 'lo'), endFrame(3)]])
    const scope = effectScope()
    const answer = scope.run(() => useStream(optionsOver(transport, { key: 'scope', linger: 0 })))!
    void answer.start()
    await expect.poll(() => answer.data.value.text).toBe('Hel')
    scope.stop()
    await expect.poll(() => transport.open).toBe(0)
    gate.open()
  })
})
