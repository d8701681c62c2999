import { type Started, startProcess } from '../server/calls'
import { buildPrograms } from '../server/programs'
import { buildPages, pagesFolder } from './build-pages'
import type { siteCalls } from './site-process'

/** The process that serves the pages and answers them. */
export interface Site extends Started<typeof siteCalls> {
  readonly port: number
}

export async function startSite(): Promise<Site> {
  await Promise.all([buildPages(), buildPrograms('../render/site-process')])
  const started = await startProcess<typeof siteCalls>('site-process', pagesFolder)
  return { ...started, port: await started.ask.port() }
}
