/** What the server can be asked to break, as its addresses have it. */
export type Command =
  | 'cut'
  | 'cut-inside'
  | 'end'
  | 'refuse'
  | 'stall'
  | 'stall-down'
  | 'buffer'
  | 'unavailable'
  | 'busy'
  | 'html'
  | 'latency'
  | 'slow'
  | 'trickle'
  | 'duplicate'
  | 'deploy'
  | 'kill'
  | 'restore'

/** What the page does itself. */
export type OwnAct = 'offline' | 'second-tab'

/** The buttons, in the groups in which they are shown. */
export const faultGroups = [
  { name: 'breaks', faults: ['cut', 'cut-inside', 'end', 'refuse'] },
  { name: 'silence', faults: ['stall', 'stall-down', 'buffer'] },
  { name: 'answers', faults: ['unavailable', 'busy', 'html'] },
  { name: 'weather', faults: ['latency', 'slow', 'trickle', 'duplicate'] },
  { name: 'server', faults: ['deploy', 'kill'] },
  { name: 'you', faults: ['offline', 'second-tab'] },
] as const satisfies readonly { readonly name: string; readonly faults: readonly (Command | OwnAct)[] }[]

export type FaultGroup = (typeof faultGroups)[number]['name']
export type FaultName = (typeof faultGroups)[number]['faults'][number]

export interface Obeyed {
  /** For how many milliseconds it stays so; absent where it is over at once. */
  readonly lasts?: number
}

/** Asks the server to break something. `undefined`: it could not be told, or would not. */
export async function command(name: Command): Promise<Obeyed | undefined> {
  try {
    const response = await fetch(`/lab/${name}`, { method: 'POST' })
    if (!response.ok) return undefined
    return response.status === 204 ? {} : ((await response.json()) as Obeyed)
  } catch {
    return undefined
  }
}

/** How the server is. */
export interface LabState {
  /** Whether answers outlive the server. */
  readonly durable: boolean
  /** Absent where the server cannot be replaced. */
  readonly server?: { readonly pid?: number; readonly started: number }
}

export async function readState(): Promise<LabState | undefined> {
  try {
    const response = await fetch('/lab/state')
    return response.ok ? ((await response.json()) as LabState) : undefined
  } catch {
    return undefined
  }
}
