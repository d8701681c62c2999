import type { BindingOptions, BindingView } from '@keepstream/testing/contracts'
import { useInsertionEffect } from 'react'
import { useStream } from '../src/index'

export type Report = (component: number, view: BindingView) => void

/** The page of the behaviour suite. */
export function Page({ components, report }: { components: readonly BindingOptions[]; report: Report }) {
  return components.map((options, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the components never change places.
    <Answer key={index} options={options} report={(view) => report(index, view)} />
  ))
}

function Answer({ options, report }: { options: BindingOptions; report: (view: BindingView) => void }) {
  const answer = useStream(options)
  // Runs in the commit, as a layout effect does, about which React 18 warns on a server.
  useInsertionEffect(() => report(answer))
  return <output>{`${answer.status}: ${answer.data.text}`}</output>
}
