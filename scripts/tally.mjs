// The count of what passed and failed, handed to .ci/run through the file that TALLY names, one line for each script.
import { appendFileSync } from 'node:fs'

/**
 * @param {number} passed
 * @param {number} failed
 */
export function addToTally(passed, failed) {
  if (process.env.TALLY) appendFileSync(process.env.TALLY, `${passed} ${failed}\n`)
}
