import type { Chromium } from './chromium'
import type { Site } from './site'

/** What every measurement needs, and how far it goes. */
export interface Lab {
  readonly site: Site
  readonly chromium: Chromium
  /** In one minute instead of ten: fewer tokens, rounds and peers. */
  readonly quick: boolean
}
