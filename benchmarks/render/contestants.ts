/** Who is measured: the name is that of its page in `pages/`. */
export const contestants = {
  bare: { title: 'bare page' },
  core: { title: '@keepstream/core', own: true },
  react: { title: 'useStream, React', own: true },
  vue: { title: 'useStream, Vue', own: true },
  svelte: { title: 'useStream, Svelte', own: true },
  'by-hand': { title: 'hook by hand' },
  'ai-sdk': { title: 'AI SDK' },
  'ai-sdk-throttled': { title: 'AI SDK, throttled to 50 ms' },
  'tanstack-ai': { title: 'TanStack AI' },
  langgraph: { title: 'LangGraph' },
  'tanstack-query': { title: 'TanStack Query' },
  vueuse: { title: 'VueUse' },
} satisfies Record<string, { readonly title: string; readonly own?: true }>

export type ContestantName = keyof typeof contestants
