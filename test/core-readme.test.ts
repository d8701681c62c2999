import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'
import { root } from './workspace'

const folder = join(root, 'packages/core')
const readme = readFileSync(join(folder, 'README.md'), 'utf8')

/** The rows of the table whose first column has this heading, as cells. */
function rows(heading: string, section = readme): readonly (readonly string[])[] {
  const [, table = ''] = section.split(`\n| ${heading} |`)
  const lines = table.split('\n').slice(2)
  const end = lines.findIndex((line) => !line.startsWith('|'))
  return lines.slice(0, end).map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim().replaceAll('`', ''))
      .slice(1),
  )
}

const parse = (file: string) =>
  ts.createSourceFile(file, readFileSync(join(folder, 'src', file), 'utf8'), ts.ScriptTarget.Latest, true)

/** The members of an interface, with what their comments say of the default. */
function members(file: string, name: string, prefix = ''): readonly { option: string; said: string }[] {
  const declaration = parse(file).statements.find(
    (statement) => ts.isInterfaceDeclaration(statement) && statement.name.text === name,
  ) as ts.InterfaceDeclaration
  return declaration.members.map((member) => ({
    option: prefix + member.name?.getText(),
    said: /Default ([^.]*)/.exec(member.getFullText().replaceAll(/\s+\*?\s*/g, ' '))?.[1] ?? '',
  }))
}

/** The words of a union of strings. */
function words(file: string, name: string): readonly string[] {
  const declaration = parse(file).statements.find(
    (statement) => ts.isTypeAliasDeclaration(statement) && statement.name.text === name,
  ) as ts.TypeAliasDeclaration
  return (declaration.type as ts.UnionTypeNode).types.map((type) => type.getText().slice(1, -1))
}

const numbers = (text: string) => text.match(/\d[\d,]*(?: MiB)?/g)?.map((number) => number.replace(/,$/, '')) ?? []

describe('the README of the core', () => {
  const groups = members('stream-options.ts', 'StreamOptions').filter(({ option }) => !/^(retry|clocks)$/.test(option))
  const options = [
    ...groups,
    ...members('transports/fetch.ts', 'FetchOptions'),
    ...members('transports/request.ts', 'RequestOptions'),
    ...members('retry/backoff.ts', 'BackoffOptions', 'retry.'),
    ...members('session/clocks.ts', 'Clocks', 'clocks.'),
  ]
  const [streams = [], registries = []] = readme
    .split('## Streams that outlive')
    .map((section) => rows('option', section))

  test.each([
    ['a stream', options, streams],
    ['a registry', members('registry.ts', 'RegistryOptions'), registries],
  ])('has every option of %s, and the numbers of its default', (_, declared, stated) => {
    expect(stated.map(([option]) => option).sort()).toEqual(declared.map(({ option }) => option).sort())
    for (const { option, said } of declared) {
      const [, value = ''] = stated.find(([name]) => name === option) ?? []
      // A default of 0 that stands for something else is told as that.
      expect([option, numbers(value)]).toEqual([option, numbers(said).filter((number) => number !== '0')])
    }
  })

  test('has every code of an error and every status', () => {
    expect(rows('`code`').map(([code]) => code)).toEqual(words('errors.ts', 'StreamErrorCode'))
    expect(rows('`status`').map(([status]) => status)).toEqual(words('session/transition.ts', 'Status'))
  })
})
