import { format } from '@keepstream/core/sse'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ndjsonSink } from './ndjson'

const encode = (text: string) => new TextEncoder().encode(text)

function recorder() {
  let text = ''
  const sink = ndjsonSink({
    open: () => undefined,
    write(bytes) {
      text += new TextDecoder().decode(bytes)
      return bytes.length < 100
    },
    end: () => undefined,
    destroy: () => undefined,
  })
  return { sink, lines: () => text.trimEnd().split('\n') }
}

it('writes an event as a line, with what it has', () => {
  const { sink, lines } = recorder()
  sink.write(encode('retry: 1500\nid: abc123-0\nevent: hello\ndata: {"v":1}\n\n'))
  sink.write(encode('id: abc123-1\nevent: text\ndata: "a"\n\nid: abc123-2\nevent: text\ndata: "b"\n\n'))
  sink.write(encode(':h 2\n\n'))
  sink.write(encode('event: bye\ndata: {"reason":"age","after":5}\n\n'))
  expect(lines()).toEqual([
    '{"id":"abc123-0","event":"hello","retry":1500,"data":{"v":1}}',
    '{"id":"abc123-1","event":"text","data":"a"}',
    '{"id":"abc123-2","event":"text","data":"b"}',
    '{"event":"beat","data":{"head":2}}',
    '{"event":"bye","data":{"reason":"age","after":5}}',
  ])
})

it('says whether the connection can take more', () => {
  const { sink } = recorder()
  expect(sink.write(encode('data: 1\n\n'))).toBe(true)
  expect(sink.write(encode(`data: "${'x'.repeat(100)}"\n\n`))).toBe(false)
})

it('writes lines that are JSON and no line more, whatever an entry holds', () => {
  fc.assert(
    fc.property(fc.array(fc.jsonValue(), { minLength: 1 }), fc.boolean(), (values, pretty) => {
      const { sink, lines } = recorder()
      const data = (value: unknown) => JSON.stringify(value, undefined, pretty ? 2 : undefined)
      const text = values.map((value, index) => format({ id: `abc123-${index + 1}`, event: 'text', data: data(value) }))
      sink.write(encode(text.join('')))
      expect(lines().map((line) => JSON.parse(line))).toEqual(
        values.map((value, index) => ({ id: `abc123-${index + 1}`, event: 'text', data: JSON.parse(data(value)) })),
      )
    }),
  )
})

it('writes the same bytes once for all who are at the same place', () => {
  const written: Uint8Array[] = []
  const sinkOf = () =>
    ndjsonSink({
      open: () => undefined,
      write: (bytes) => written.push(bytes) > 0,
      end: () => undefined,
      destroy: () => undefined,
    })
  const bytes = encode('id: abc123-1\nevent: text\ndata: "a"\n\n')
  for (const sink of [sinkOf(), sinkOf(), sinkOf()]) sink.write(bytes)
  expect(new Set(written).size).toBe(1)
})
