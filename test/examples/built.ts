// Builds what is built: the packages, and the examples whose frameworks want it. Nothing, where that was done before.
import { run } from '../../scripts/run.mjs'

export default async function setup(): Promise<void> {
  const { ok, output } = await run('turbo', ['run', 'build', '--filter=example-*', '--output-logs=errors-only'], {
    capture: true,
  })
  if (!ok) throw new Error(`The examples could not be built.\n${output}`)
}
