import type { BindingOptions, BindingView } from '@keepstream/testing/contracts'
import { useLayoutEffect } from 'react'
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
  useLayoutEffect(() => report(answer))
  return <output>{`${answer.status}: ${answer.data.text}`}</output>
}
