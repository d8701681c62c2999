import { StreamError } from '@keepstream/core'
import { expect, it } from 'vitest'
import { errorReply, httpError } from './exchange'

const internal = '{"error":{"code":"internal","message":"Something went wrong on the server."}}'

it.each([
  [
    'an error of ours',
    httpError(422, 'key_reused', 'Use a new key.'),
    422,
    '{"error":{"code":"key_reused","message":"Use a new key."}}',
  ],
  [
    'one without a word of its own',
    new StreamError('http', 'No.', { status: 403 }),
    403,
    '{"error":{"code":"error","message":"No."}}',
  ],
  ['any other error', new Error('secret'), 500, internal],
  ['what is no error', 'secret', 500, internal],
  ['a StreamError of another kind', new StreamError('gone', 'secret', { status: 404 }), 500, internal],
  ['one without a status', new StreamError('http', 'secret'), 500, internal],
  ['one with a status that is no failure', new StreamError('http', 'secret', { status: 200 }), 500, internal],
  ['one with a status that is no status', new StreamError('http', 'secret', { status: 404.5 }), 500, internal],
])('[R45] tells a client of %s what it may know', (_, error, status, body) => {
  expect(errorReply(error)).toMatchObject({ status, body })
})

it('says in whole seconds when to come back', () => {
  expect(errorReply(httpError(503, 'busy', 'Later.', 1200)).headers['retry-after']).toBe('2')
  expect(errorReply(httpError(404, 'not_found', 'Nothing.')).headers).not.toHaveProperty('retry-after')
})
