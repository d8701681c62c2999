import { expect, test } from 'vitest'
import { english } from '../copy/english'
import { readMenu, recipientOf } from './menu'

const [one, two] = ['a', 'b'].map((name) => ({ client: name.repeat(22), name: name.toUpperCase() }))

test('everybody, the tabs of this browser and any other id can be sent to', () => {
  expect(readMenu([one!, two!], undefined, english).map(({ label }) => label)).toEqual([
    'Everybody',
    'Tab A',
    'Tab B',
    'Another client id',
  ])
})

test('a tab that was chosen stays in the menu when it goes, once', () => {
  expect(readMenu([two!], one, english).map(({ choice }) => choice)).toEqual([
    'everyone',
    two!.client,
    one!.client,
    'other',
  ])
  expect(readMenu([one!, two!], one, english)).toHaveLength(4)
})

test('a message goes to whom was chosen, and to nobody where the id is none', () => {
  expect(recipientOf('everyone', 'x')).toEqual({ type: 'everyone' })
  expect(recipientOf(one!.client, '')).toEqual({ type: 'client', client: one!.client })
  expect(recipientOf('other', ` ${two!.client} `)).toEqual({ type: 'client', client: two!.client })
  expect(recipientOf('other', 'short')).toBeUndefined()
})
