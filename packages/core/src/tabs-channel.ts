/** What of the BroadcastChannel API is needed. */
export interface TabChannel {
  onmessage: ((event: MessageEvent) => void) | null
  readonly postMessage: (message: unknown) => void
  readonly close: () => void
}

export type OpenChannel = (name: string) => TabChannel

/** What of the Web Locks API is needed. */
export interface TabLocks {
  readonly request: (
    name: string,
    options: { readonly signal?: AbortSignal; readonly steal?: boolean },
    granted: () => Promise<void> | undefined,
  ) => Promise<unknown>
}
