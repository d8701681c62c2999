import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { codeBlockMistakes, readCodeBlocks } from './code-blocks'
import { readCompilerOptions, root } from './workspace'

const list = (folder: string, options = {}) =>
  readdirSync(join(root, folder), { encoding: 'utf8', ...options }).map((name) => join(folder, name))

/** Every Markdown file of the repository that people read. */
const documents = [
  ...list('.'),
  ...list('packages').map((folder) => join(folder, 'README.md')),
  ...list('docs', { recursive: true }),
].filter((path) => path.endsWith('.md') && !path.includes('node_modules') && existsSync(join(root, path)))

/** Where the packages are installed that examples import. */
const folders = ['test', 'packages/react', 'packages/vue', 'packages/svelte', 'apps/demo-server'].map((folder) =>
  join(root, folder),
)

const options = { ...readCompilerOptions(), types: ['node'] }
const read = (document: string) => readFileSync(join(root, document), 'utf8')

describe('the documents', () => {
  test('every block of code compiles', () => {
    const blocks = documents.flatMap((document) => readCodeBlocks(document, read(document)))
    expect(codeBlockMistakes(blocks, options, folders)).toEqual([])
  }, 180_000)

  test('every link to a file of the repository leads to one', () => {
    const broken = documents.flatMap((document) =>
      [...read(document).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#[^)]*)?\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(join(root, target.startsWith('/') ? '.' : dirname(document), target)))
        .map((target) => `${document} links to ${target}`),
    )
    expect(broken).toEqual([])
  })
})

describe('the decisions', () => {
  test('every record is in the index', () => {
    const index = read('docs/decisions/README.md')
    const records = readdirSync(join(root, 'docs/decisions')).filter((name) => name !== 'README.md')
    expect(records.filter((name) => !index.includes(`](${name})`))).toEqual([])
  })
})

describe('the check itself', () => {
  const check = (markdown: string) => codeBlockMistakes(readCodeBlocks('a.md', markdown), options, folders)
  const fence = '```'

  test('mistakes are told with their file and line, in every kind of block', () => {
    const wrong = `const count: number = 'one'`
    const mistakes = check(
      [
        `Text\n\n${fence}ts\nexport {}\n${wrong}\n${fence}`,
        `1. In a list:\n   ${fence}tsx\n   ${wrong}\n   ${fence}`,
        `${fence}vue\n<template>\n  <p>{{ count }}</p>\n</template>\n<script setup lang="ts">\n${wrong}\n</script>\n${fence}`,
        `${fence}svelte\n<script lang="ts">\n${wrong}\n</script>\n${fence}`,
        `${fence}sh\nnpm test\n${fence}\n${fence}js\nlet a\n${fence}`,
        `${fence}ts\nimport { nothing } from '@keepstream/core'\nconsole.log(nothing)\n${fence}`,
      ].join('\n'),
    )
    expect(mistakes[0]).toBe('a.md:28 is js: write `ts`, which is checked.')
    expect(mistakes.slice(1).map((mistake) => mistake.split(' ', 1)[0])).toEqual([
      'a.md:5',
      'a.md:9',
      'a.md:16',
      'a.md:21',
      'a.md:31',
    ])
    expect(mistakes.at(-1)).toContain('nothing')
  }, 180_000)

  test('a block is left out only for a reason', () => {
    expect(check(`${fence}ts no-check: a fragment of the wire\nnonsense(\n${fence}`)).toEqual([])
    expect(check(`${fence}ts no-check\nnonsense(\n${fence}`)).toEqual(['a.md:2 is not checked and does not say why.'])
  })

  test('an example imports the packages that it shows, and is one module each', () => {
    const block = `${fence}ts\nimport { ref } from 'vue'\nimport { useState } from 'react'\nexport const a = [ref, useState]\n${fence}\n`
    expect(check(block + block)).toEqual([])
  }, 180_000)
})
