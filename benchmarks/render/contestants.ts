interface Contestant {
  readonly title: string
  /** How Keepstream's own show the text: as a string in one element, or with `StreamText`. */
  readonly own?: 'useStream' | 'StreamText'
}

/** Who is measured, the baseline first. The name is that of its page in `pages/`. */
export const contestants = {
  bare: { title: 'bare page' },
  react: { title: '`useStream`, React', own: 'useStream' },
  vue: { title: '`useStream`, Vue', own: 'useStream' },
  svelte: { title: '`useStream`, Svelte', own: 'useStream' },
  'react-text': { title: '`StreamText`, React', own: 'StreamText' },
  'vue-text': { title: '`StreamText`, Vue', own: 'StreamText' },
  'svelte-text': { title: '`StreamText`, Svelte', own: 'StreamText' },
  'by-hand': { title: 'hook by hand' },
  'ai-sdk': { title: 'AI SDK' },
  'ai-sdk-throttled': { title: 'AI SDK, `throttle: 50`' },
  'tanstack-ai': { title: 'TanStack AI' },
  langgraph: { title: 'LangGraph' },
  'tanstack-query': { title: 'TanStack Query' },
  vueuse: { title: 'VueUse' },
} satisfies Record<string, Contestant>

export type ContestantName = keyof typeof contestants

export const contestantNames = Object.keys(contestants) as readonly ContestantName[]

export const contestantOf = (name: ContestantName): Contestant => contestants[name]

export const own = contestantNames.filter((name) => contestantOf(name).own)
export const peers = contestantNames.filter((name) => name !== 'bare' && !own.includes(name))
