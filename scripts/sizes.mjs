// The one place where sizes are measured: what size-limit finds for the entries of .size-limit.mjs, which also holds the budgets.
import { run } from './run.mjs'

/**
 * Bytes of minified, gzipped code by the name of the entry.
 *
 * @returns {Promise<Record<string, { size: number, limit: number }>>}
 */
export async function measureSizes() {
  const { output } = await run('size-limit', ['--json'], { capture: true })
  // A build that fails is told on stderr, above the JSON.
  const start = output.search(/^[[{]/m)
  const results = start === -1 ? { error: output } : JSON.parse(output.slice(start))
  if (!Array.isArray(results)) throw new Error(`The sizes could not be measured.\n${output}`)
  return Object.fromEntries(results.map(({ name, size, sizeLimit }) => [name, { size, limit: sizeLimit }]))
}

/**
 * `1.7 kB`, of 1,000 bytes, as size-limit counts them.
 *
 * @param {number} bytes
 */
export const formatSize = (bytes) => `${(bytes / 1000).toFixed(1)} kB`
