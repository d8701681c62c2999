import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { defineConfig } from 'vitepress'
import { literalCode } from './literal-code'
import { repositoryLinks } from './repository-links'

const docs = join(import.meta.dirname, '..')

/** What a document calls itself. */
function titleOf(file: string): string {
  const [, title = file] = /^# (.+)$/m.exec(readFileSync(join(docs, file), 'utf8')) ?? []
  return title.replaceAll('`', '')
}

/** One entry of the side bar for each document of a folder, in the order of their names or in the one given. */
function pages(folder: string, names: readonly string[]) {
  return names.map((name) => ({ text: titleOf(`${folder}/${name}.md`), link: `/docs/${folder}/${name}` }))
}

const all = (folder: string) =>
  readdirSync(join(docs, folder))
    .filter((file) => file.endsWith('.md') && file !== 'README.md' && file !== 'index.md')
    .map((file) => file.slice(0, -3))

const decisions = { text: 'Decisions', collapsed: true, items: pages('decisions', all('decisions')) }

const guide = [
  {
    text: 'Begin',
    items: [
      ...pages('guides', ['getting-started']),
      { text: 'Comparison with others', link: '/docs/comparison' },
      { text: 'React', link: '/docs/react/' },
      { text: 'Vue', link: '/docs/vue/' },
      { text: 'Svelte', link: '/docs/svelte/' },
    ],
  },
  {
    text: 'In the page',
    items: pages('guides', [
      'resume',
      'retry',
      'interruption',
      'authentication',
      'protocols',
      'structured-output',
      'chat',
      'stream-text',
      'concurrency',
      'tabs',
      'websocket',
      'buffering',
      'statistics',
    ]),
  },
  {
    text: 'On the server',
    items: pages('guides', [
      'relay',
      'tasks',
      'topics',
      'runtimes',
      'deployment',
      'operations',
      'security',
      'testing',
      'conformance',
    ]),
  },
  {
    text: 'From another library',
    items: pages('guides', [
      'migrating-from-ai-sdk',
      'migrating-from-fetch-event-source',
      'migrating-from-event-source',
    ]),
  },
  {
    text: 'Reference',
    items: [
      { text: 'Every export', link: '/api/index.html', target: '_self' },
      { text: 'The wire', link: '/PROTOCOL' },
      { text: 'Architecture', link: '/ARCHITECTURE' },
      { text: 'Faults', link: '/docs/faults' },
      { text: 'Faults of peers', link: '/docs/faults-of-peers' },
    ],
  },
  decisions,
]

/** The order of the pages of a framework; what only it has comes last. */
const order = ['use-stream', 'use-chat', 'use-task', 'use-compare', 'use-suspense-stream', 'defaults', 'stream-text']

function binding(name: string) {
  const there = all(name)
  const sorted = [...order.filter((page) => there.includes(page)), ...there.filter((page) => !order.includes(page))]
  return [{ text: titleOf(`${name}/index.md`), link: `/docs/${name}/` }, ...pages(name, sorted)]
}

export default defineConfig({
  title: 'Keepstream',
  description: 'AI answers that survive the network',
  lang: 'en',
  head: [['link', { rel: 'icon', href: '/icon.svg', type: 'image/svg+xml' }]],
  // The documents link to each other as files of the repository, so the site has the shape of the repository.
  srcDir: '..',
  // The start page stands for the README of the repository.
  srcExclude: ['README.md', '**/node_modules/**', '.changeset/**', 'test/**', 'apps/**', 'docs/public/**'],
  rewrites: { 'docs/index.md': 'index.md' },
  cleanUrls: true,
  lastUpdated: false,
  // The reference, which is no page of VitePress.
  ignoreDeadLinks: [/^\/api\//],
  markdown: {
    // Those of VitePress have too little contrast on the ground of its blocks.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    config(markdown) {
      repositoryLinks(markdown)
      literalCode(markdown)
    },
  },
  vite: {
    publicDir: join(docs, 'public'),
    plugins: [
      {
        // Pages of the whole repository are rendered from here, where Vue is installed, and not from where they lie.
        name: 'vue-of-the-site',
        enforce: 'pre',
        resolveId: (id, _, { ssr }) => (ssr && /^vue($|\/)/.test(id) ? { id, external: true } : undefined),
      },
    ],
  },
  themeConfig: {
    search: { provider: 'local' },
    nav: [
      { text: 'Guide', link: '/docs/guides/getting-started', activeMatch: '/docs/guides/' },
      { text: 'React', link: '/docs/react/', activeMatch: '/docs/react/' },
      { text: 'Vue', link: '/docs/vue/', activeMatch: '/docs/vue/' },
      { text: 'Svelte', link: '/docs/svelte/', activeMatch: '/docs/svelte/' },
      { text: 'Comparison', link: '/docs/comparison' },
    ],
    sidebar: {
      '/docs/react/': [{ text: 'React', items: binding('react') }, ...guide],
      '/docs/vue/': [{ text: 'Vue', items: binding('vue') }, ...guide],
      '/docs/svelte/': [{ text: 'Svelte', items: binding('svelte') }, ...guide],
      '/': guide,
    },
    outline: [2, 3],
  },
})
