import { inputOf, type Race, type Runner, runners } from './run'

interface Call {
  readonly messages: readonly { readonly content: string }[]
}

/** How often the model was asked for each of those who read; nothing where the server cannot tell. */
export async function readLedger(race: Race): Promise<Readonly<Record<Runner, number>> | undefined> {
  try {
    const response = await fetch('/lab/ledger', { signal: AbortSignal.timeout(2_000) })
    if (!response.ok) return undefined
    const { calls } = (await response.json()) as { calls: readonly Call[] }
    const said = calls.map(({ messages }) => messages[0]?.content)
    const count = (runner: Runner) => {
      const mark = inputOf(race, runner).messages[0]!.content
      return said.filter((content) => content === mark).length
    }
    return Object.fromEntries(runners.map((runner) => [runner, count(runner)])) as Record<Runner, number>
  } catch {
    return undefined
  }
}
