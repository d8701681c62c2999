import { getAllContexts, onMount } from 'svelte'

/** Whether a component is being created, or one of its effects runs: only then has it a context. */
export function isInComponent(): boolean {
  try {
    getAllContexts()
    return true
  } catch {
    return false
  }
}

export interface FirstRender {
  /** Whether the component is on the page, or was none to begin with. */
  readonly isOver: () => boolean
  /** Calls `listener` when it is; returns how to leave. */
  readonly settle: (listener: () => void) => () => void
}

let anyMounted = false

/**
 * Until when to show what a server shows. Svelte does not tell a component whether it hydrates, but it keeps what the server
 * made of an `{@html}` although this page knows more. So whatever is created before anything of this page is mounted, which
 * is when a page hydrates, shows the same as the server at first, and what there is before the browser draws.
 */
export function firstRender(): FirstRender {
  const listeners = new Set<() => void>()
  let over = !isInComponent() || (anyMounted && typeof window !== 'undefined')
  if (!over) {
    onMount(() => {
      over = anyMounted = true
      for (const listener of listeners) listener()
    })
  }
  return {
    isOver: () => over,
    settle(listener) {
      if (!over) listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
