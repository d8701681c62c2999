// Where the programs are that npm does not bring. One look-up for the set-up, the tests and the screenshots.
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'

/** The path of the first of `names` that is on the PATH and can be run. */
export function findProgram(names) {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    for (const name of names) {
      const path = join(folder, name)
      try {
        accessSync(path, constants.X_OK)
        return path
      } catch {
        // Not here: look on.
      }
    }
  }
  return undefined
}

export const findChromium = () =>
  process.env.CHROMIUM_PATH || findProgram(['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'])

export const findRedis = () => process.env.REDIS_SERVER || findProgram(['redis-server'])
