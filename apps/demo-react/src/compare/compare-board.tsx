import { useCompare } from '@keepstream/react'
import { announceLanes } from 'demo-shared/compare/lane'
import type { OfferedModel } from 'demo-shared/compare/offer'
import { inputOf, mostModels, optionsOf, toggleModel } from 'demo-shared/compare/options'
import { createStopwatch } from 'demo-shared/compare/stopwatch'
import type { TurnLimit } from 'demo-shared/compare/turns'
import type { Copy } from 'demo-shared/copy/copy'
import { useState } from 'react'
import { AskForm } from './ask-form'
import { Lane } from './lane'
import { LimitChoice } from './limit-choice'
import { ModelChoice } from './model-choice'
import { Race } from './race'

interface CompareBoardProps {
  readonly copy: Copy
  readonly models: readonly OfferedModel[]
}

export function CompareBoard({ copy, models }: CompareBoardProps) {
  const offered = models.map(({ name }) => name)
  const [stopwatch] = useState(createStopwatch)
  const [chosen, setChosen] = useState<readonly string[]>(offered.slice(0, mostModels))
  const [limit, setLimit] = useState<TurnLimit>(2)
  const [asked, setAsked] = useState('')
  const { answers, busy, start, stop } = useCompare(optionsOf(chosen, limit, stopwatch))

  function ask(question: string, again: readonly string[] = chosen) {
    setAsked(question)
    stopwatch.ask(again)
    void start(inputOf(question), again)
  }

  return (
    <>
      <section className="panel">
        <AskForm copy={copy} busy={busy} onAsk={ask} onStop={() => void stop()} />
        <div className="compare-settings">
          <ModelChoice
            copy={copy}
            models={models}
            chosen={chosen}
            disabled={busy}
            onToggle={(model) => setChosen(toggleModel(chosen, model, offered))}
          />
          <LimitChoice copy={copy} limit={limit} disabled={busy} onChoose={setLimit} />
        </div>
      </section>
      <Race copy={copy} answers={answers} timesOf={stopwatch.get} busy={busy} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard. */}
      <section className="lanes-scroller" tabIndex={0} aria-label={copy.compare.answers}>
        <ul className="lanes">
          {answers.map((compared) => (
            <li key={compared.model}>
              <Lane
                copy={copy}
                compared={compared}
                onStop={() => void stop(compared.model)}
                onAskAgain={() => ask(asked, [compared.model])}
              />
            </li>
          ))}
        </ul>
      </section>
      <p className="unseen" role="status">
        {announceLanes(answers, copy)}
      </p>
    </>
  )
}
