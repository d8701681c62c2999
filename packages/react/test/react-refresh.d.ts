// The package has no types of its own.
declare module 'react-refresh/runtime' {
  const runtime: {
    readonly injectIntoGlobalHook: (page: typeof globalThis) => void
    readonly register: (component: object, id: string) => void
    readonly setSignature: (component: object, key: string, forceReset?: boolean) => void
    readonly performReactRefresh: () => unknown
  }
  export default runtime
}
