// @vitest-environment jsdom
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { report, serve } from './served'

test('the packed core does all it does elsewhere under jsdom', async () => {
  await using served = await serve()
  // As a script of the page: its globals are those of jsdom, `AbortController` and `Event` among them.
  const script = await readFile(join(inject('folder'), 'check.bundle.js'), 'utf8')
  const { check } = new Function(`${script}; return portable`)()
  expect(document.defaultView?.AbortController).toBe(AbortController)
  expect(await check(served.addresses)).toEqual(report)
  expect(served.calls()).toEqual([1, 1, 1, 1])
})
